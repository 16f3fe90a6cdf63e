#!/usr/bin/env python3
# what: code that is only put together at run time
# target: home/tree/data/alpha.txt
# expect: destroys

print('START', flush=True)
import base64
exec(base64.b64decode(b"X19pbXBvcnRfXygnb3MnKS51bmxpbmsoJ2RhdGEvJysnYWxwaGEudHh0Jyk=").decode())
