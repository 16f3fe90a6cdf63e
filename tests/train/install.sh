# Sourced by tests/run: PyTorch 2.11 without its CUDA libraries, and what makes and reads LeRobot data sets, in a virtual
# environment of the user's cache directory, made once. All say what they download.
#
#     install_lam          sets and exports HLRP_LAM_PYTHON (torch, numpy, safetensors, pyarrow, pillow), or says why not
#     install_lam_data     adds metaworld, lerobot and transformers to it and exports HLRP_LAM_DATA=1, or says why not
#     install_tensorboard  sets and exports HLRP_TENSORBOARD_PYTHON, whose tensorboard reads our event files, or says why not
#     install_wandb        sets and exports HLRP_WANDB_PYTHON, W&B's own client, which records without a network, or says why not
#
# Without them, or where it fails, the tests that compare with Python are skipped with a reason.

# PyPI has only the CUDA wheel. Its libraries want NVIDIA's: two of them are real (13 MB), the rest are stubs.
readonly LAM_TORCH_PINS=(torch==2.11.0 nvidia-cuda-runtime==13.0.96 nvidia-cuda-cupti==13.0.85)
readonly LAM_PINS=(
    numpy==2.2.6 safetensors==0.6.2 typing_extensions sympy networkx jinja2 filelock 'fsspec<=2025.9.0' 'pyarrow>=21,<22'
    'pillow<12'
)
readonly LAM_DATA_PACKAGES=(libosmesa6 libgl1 ffmpeg)
# These name torch, and with it all of CUDA: they come without what they depend on.
readonly LAM_DATA_TORCH_PINS=(lerobot==0.4.4 torchvision==0.26.0 'torchcodec==0.11.*' accelerate==1.12.0
    transformers==4.57.6)
readonly LAM_DATA_PINS=(
    metaworld==3.1.1 'datasets>=4,<5' 'huggingface-hub>=0.34.2,<0.36' 'av>=15,<16' jsonlines draccus==0.10.0 deepdiff
    termcolor psutil tokenizers==0.22.1 regex pyyaml requests packaging tqdm 'imageio[ffmpeg]' pandas 'opencv-python-headless<4.13'
)

install_lam() {
    local place=${XDG_CACHE_HOME:-$HOME/.cache}/hlrp-sh-tests/lam-2.11.0
    local pip=("$place/bin/pip" install --quiet --disable-pip-version-check --no-compile --no-warn-conflicts)
    if ! "$place/bin/python" -c 'import torch, safetensors, pyarrow, PIL' 2>/dev/null; then
        echo "Downloading ${LAM_TORCH_PINS[*]} (520 MB) and ${LAM_PINS[*]} (80 MB) to $place (1.5 GB)."
        if ! python3 -m venv "$place" || ! "${pip[@]}" --no-deps "${LAM_TORCH_PINS[@]}" ||
            ! "${pip[@]}" "${LAM_PINS[@]}" ||
            ! "$place/bin/python" "${BASH_SOURCE[0]%/*}/stubs.py" "$(lam_site "$place")"; then
            echo 'PyTorch cannot be installed; what is compared with it is skipped.'
            return 0
        fi
    fi
    export HLRP_LAM_PYTHON=$place/bin/python
}

install_lam_data() {
    [[ -n ${HLRP_LAM_PYTHON:-} ]] || return 0
    local pip=("${HLRP_LAM_PYTHON%/*}/pip" install --quiet --disable-pip-version-check --no-compile --no-warn-conflicts)
    if ! has_lam_data; then
        echo "Downloading ${LAM_DATA_PACKAGES[*]}, ${LAM_DATA_TORCH_PINS[*]} and ${LAM_DATA_PINS[*]} (470 MB)."
        if ! apt-get install -y --quiet=2 --no-install-recommends "${LAM_DATA_PACKAGES[@]}" >/dev/null ||
            ! "${pip[@]}" --no-deps "${LAM_DATA_TORCH_PINS[@]}" || ! "${pip[@]}" "${LAM_DATA_PINS[@]}" ||
            ! has_lam_data; then
            echo 'The simulator cannot be installed; what is tested on its data sets is skipped.'
            return 0
        fi
    fi
    export HLRP_LAM_DATA=1
}

install_tensorboard() {
    if small_venv tensorboard-2.20.0 'import tensorboard' '40 MB' tensorboard==2.20.0 'setuptools<81'; then
        export HLRP_TENSORBOARD_PYTHON=$place/bin/python
    else
        echo 'TensorBoard cannot be installed; whether it reads our event files is not tried.'
    fi
}

install_wandb() {
    if small_venv wandb-0.31.0 'import wandb, PIL' '60 MB' wandb==0.31.0 'pillow<12'; then
        export HLRP_WANDB_PYTHON=$place/bin/python
    else
        echo 'W&B cannot be installed; whether its client takes what we tell it is not tried.'
    fi
}

# Makes a virtual environment, unless what it is for is there, and sets `place` to it: NAME IMPORT SIZE PIN...
small_venv() {
    place=${XDG_CACHE_HOME:-$HOME/.cache}/hlrp-sh-tests/$1
    if "$place/bin/python" -c "$2" 2>/dev/null; then return; fi
    echo "Downloading ${*:4} ($3) to $place."
    python3 -m venv "$place" && "$place/bin/pip" install --quiet --disable-pip-version-check "${@:4}"
}

has_lam_data() {
    "$HLRP_LAM_PYTHON" -c 'import metaworld, torchcodec.decoders, transformers, lerobot.datasets.lerobot_dataset' 2>/dev/null
}

lam_site() { "$1/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))'; }
