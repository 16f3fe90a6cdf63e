# Sourced by tests/run: two MCP clients that are not ours, in the user's cache directory, made once. Where root runs the
# tests they lie where the unprivileged user of the tests reaches them too.
#
#     install_clients      sets and exports HLRP_MCP_PYTHON and HLRP_MCP_INSPECTOR, or says why there is none
#
# Without them, or where it fails, the tests of module `agent` that need them are skipped with a reason.

readonly MCP_PYTHON_PIN=mcp==2.3.0
readonly MCP_INSPECTOR_PIN=@modelcontextprotocol/inspector@2.12.0

install_clients() {
    local cache=${XDG_CACHE_HOME:-$HOME/.cache}/hlrp-sh-tests
    (( EUID != 0 )) || cache=/var/cache/hlrp-sh-tests
    mkdir -p "$cache"
    local python=$cache/mcp-2.3.0-debian inspector=$cache/mcp-inspector-2.12.0
    if ! "$python/bin/python" -c 'import mcp' 2>/dev/null; then
        echo "Installing $MCP_PYTHON_PIN in $python."
        # Debian's own: another may lie where the unprivileged user does not reach it.
        if ! /usr/bin/python3 -m venv "$python" || ! "$python/bin/pip" install --quiet --disable-pip-version-check "$MCP_PYTHON_PIN"; then
            echo 'The Python client cannot be installed; what is tested with it is skipped.'
            rm -rf "$python"
        fi
    fi
    if [[ ! -x $inspector/node_modules/.bin/mcp-inspector ]]; then
        echo "Installing $MCP_INSPECTOR_PIN in $inspector."
        mkdir -p "$inspector"
        if ! npm install --silent --no-audit --no-fund --prefix "$inspector" "$MCP_INSPECTOR_PIN"; then
            echo 'The Inspector cannot be installed; what is tested with it is skipped.'
            rm -rf "$inspector"
        fi
    fi
    [[ ! -e $python ]] || export HLRP_MCP_PYTHON=$python/bin/python
    [[ ! -e $inspector ]] || export HLRP_MCP_INSPECTOR=$inspector/node_modules/.bin/mcp-inspector
}
