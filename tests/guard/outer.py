#!/usr/bin/env python3
"""Runs a command under an outer seccomp filter that hides what a newer kernel has, so that every level of the
guard can be tested on one machine.

    outer.py [--no-landlock] [--no-namespaces] [--no-killable] [--no-notification] -- COMMAND...
"""
import ctypes
import os
import struct
import sys

LD, JEQ, JSET, RET = 0x20, 0x15, 0x45, 0x06
ALLOW, ERRNO = 0x7FFF0000, 0x00050000
EPERM, EINVAL, ENOSYS, EOPNOTSUPP = 1, 22, 38, 95
SECCOMP, UNSHARE, CLONE, CLONE3 = 317, 272, 56, 435
NEWUSER, KILLABLE, NEW_LISTENER = 0x10000000, 1 << 5, 1 << 3
GET_ACTION_AVAIL, USER_NOTIF = 2, 0x7FC00000


def program(options):
    code = []

    def insn(op, k, jt=0, jf=0):
        code.append(struct.pack("HBBI", op, jt, jf, k))

    def when(number, body):
        """`body` is a list of (op, k, jt, jf) that falls through where it does not return."""
        insn(LD, 0)
        insn(JEQ, number, 0, len(body))
        for op, k, jt, jf in body:
            insn(op, k, jt, jf)

    def always(errno):
        return [(RET, ERRNO | errno, 0, 0)]

    def if_bits(argument, bits, errno):
        return [(LD, 16 + 8 * argument, 0, 0), (JSET, bits, 0, 1), (RET, ERRNO | errno, 0, 0)]

    if "--no-landlock" in options:
        for number in (444, 445, 446):
            when(number, always(ENOSYS))
    if "--no-namespaces" in options:
        when(UNSHARE, if_bits(0, NEWUSER, EPERM))
        when(CLONE, if_bits(0, NEWUSER, EPERM))
        when(CLONE3, always(ENOSYS))
    if "--no-killable" in options:
        when(SECCOMP, if_bits(1, KILLABLE, EINVAL))
    if "--no-notification" in options:
        when(SECCOMP, [(LD, 16, 0, 0), (JEQ, GET_ACTION_AVAIL, 0, 1), (RET, ERRNO | EOPNOTSUPP, 0, 0)])
        when(SECCOMP, if_bits(1, NEW_LISTENER, EINVAL))
    insn(RET, ALLOW)
    return b"".join(code), len(code)


def main():
    split = sys.argv.index("--")
    options, command = sys.argv[1:split], sys.argv[split + 1 :]
    libc = ctypes.CDLL(None, use_errno=True)
    text, count = program(options)
    buffer = ctypes.create_string_buffer(text)
    fprog = struct.pack("HxxxxxxQ", count, ctypes.addressof(buffer))
    holder = ctypes.create_string_buffer(fprog)
    if libc.prctl(38, 1, 0, 0, 0) or libc.syscall(SECCOMP, 1, 0, holder):
        sys.exit(f"outer.py: {os.strerror(ctypes.get_errno())}")
    os.execvp(command[0], command)


main()
