//! Installs that a job makes before it trains: the policy of stage 3, from its source.

use std::path::PathBuf;

use super::word::shell;

/// Returns the part of a script that installs packages from their source: pip of the very
/// interpreter, else uv for it, else whichever pip is on PATH. Where all fail, each one's
/// own words are shown.
pub(crate) fn block(python: &str, paths: &[PathBuf]) -> String {
    if paths.is_empty() {
        return String::new();
    }
    let mut text = format!(
        "# Packages from their source, for this very interpreter.\npython={}\n",
        shell(python)
    );
    text.push_str(FUNCTION);
    for path in paths {
        text.push_str(&format!(
            "install_editable {}\n",
            shell(&path.to_string_lossy())
        ));
    }
    text.push('\n');
    text
}

const FUNCTION: &str = r#"install_editable() {
  local path=$1 said="" tried=""
  local options=(install --no-deps --no-build-isolation -e "$path")
  echo "installing $path"
  if said=$("$python" -m pip "${options[@]}" 2>&1); then return 0; fi
  tried+="--- $python -m pip"$'\n'"$said"$'\n'
  if ! command -v uv > /dev/null; then
    tried+="--- uv pip"$'\n'"uv is not on PATH"$'\n'
  elif said=$(uv pip install --python "$python" "${options[@]:1}" 2>&1); then
    return 0
  else
    tried+="--- uv pip --python $python"$'\n'"$said"$'\n'
  fi
  if ! command -v pip > /dev/null; then
    tried+="--- pip"$'\n'"pip is not on PATH"$'\n'
  elif said=$(pip "${options[@]}" 2>&1); then
    return 0
  else
    tried+="--- pip"$'\n'"$said"$'\n'
  fi
  printf 'cannot install %s; what each installer said:\n%s' "$path" "$tried" >&2
  return 1
}
"#;
