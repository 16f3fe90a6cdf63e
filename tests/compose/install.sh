# Sourced by tests/run: the real Hydra, in a virtual environment of the user's cache directory, made once.
#
#     install_hydra        sets and exports HLRP_HYDRA_PYTHON, or says why there is none
#
# Without it, or where it fails, the tests of module `compose_parity` are skipped with a reason.

readonly HYDRA_PINS=(hydra-core==1.3.2 omegaconf==2.3.0 antlr4-python3-runtime==4.9.3)

install_hydra() {
    local place=${XDG_CACHE_HOME:-$HOME/.cache}/hlrp-sh-tests/hydra-1.3.2
    if ! "$place/bin/python" -c 'import hydra, omegaconf' 2>/dev/null; then
        echo "Installing ${HYDRA_PINS[*]} in $place."
        if ! python3 -m venv "$place" || ! "$place/bin/pip" install --quiet --disable-pip-version-check "${HYDRA_PINS[@]}"; then
            echo 'The real Hydra cannot be installed; what is compared with it is skipped.'
            return 0
        fi
    fi
    export HLRP_HYDRA_PYTHON=$place/bin/python
}
