//! The configurations that Hydra brings: the same keys and values, in our words where they are
//! words.

use super::Brought;

pub(super) static ALL: [Brought; 15] = [
    Brought::class("hydra/config", CONFIG),
    Brought::class("hydra/launcher/basic", LAUNCHER),
    Brought::class("hydra/sweeper/basic", SWEEPER),
    Brought::file("hydra/env/default", None, ""),
    Brought::file("hydra/help/default", None, HELP),
    Brought::file("hydra/hydra_help/default", None, HYDRA_HELP),
    Brought::file("hydra/hydra_logging/default", None, HYDRA_LOGGING),
    Brought::file("hydra/hydra_logging/disabled", None, DISABLED),
    Brought::file("hydra/hydra_logging/hydra_debug", None, HYDRA_DEBUG),
    Brought::file("hydra/hydra_logging/none", None, NONE),
    Brought::file("hydra/job_logging/default", None, JOB_LOGGING),
    Brought::file("hydra/job_logging/disabled", None, DISABLED),
    Brought::file("hydra/job_logging/none", None, NONE),
    Brought::file("hydra/job_logging/stdout", None, JOB_STDOUT),
    Brought::file("hydra/output/default", Some("hydra"), OUTPUT),
];

const CONFIG: &str = "
defaults:
  - output: default
  - launcher: basic
  - sweeper: basic
  - help: default
  - hydra_help: default
  - hydra_logging: default
  - job_logging: default
  - callbacks: null
  - env: default
mode: null
searchpath: []
run:
  dir: ???
sweep:
  dir: ???
  subdir: ???
hydra_logging: ???
job_logging: ???
sweeper: ???
launcher: ???
callbacks: {}
help:
  app_name: ???
  header: ???
  footer: ???
  template: ???
hydra_help:
  hydra_help: ???
  template: ???
output_subdir: .hydra
overrides:
  hydra: []
  task: []
job:
  name: ???
  chdir: null
  override_dirname: ???
  id: ???
  num: ???
  config_name: ???
  env_set: {}
  env_copy: []
  config:
    override_dirname:
      kv_sep: '='
      item_sep: ','
      exclude_keys: []
runtime:
  version: ???
  version_base: ???
  cwd: ???
  config_sources: ???
  output_dir: ???
  choices: {}
verbose: false
";

const LAUNCHER: &str = "
_target_: hydra._internal.core_plugins.basic_launcher.BasicLauncher
";

const SWEEPER: &str = "
_target_: hydra._internal.core_plugins.basic_sweeper.BasicSweeper
max_batch_size: null
params: null
";

const HELP: &str = "
app_name: ${hydra.job.name}
header: ${hydra.help.app_name}, configured by Hydra
footer: hlrp-sh compose --info defaults shows how a configuration comes to be
template: |-
  ${hydra.help.header}

  $APP_CONFIG_GROUPS

  $CONFIG

  ${hydra.help.footer}
";

const HYDRA_HELP: &str = "
template: |-
  Hydra ${hydra.runtime.version}

  $FLAGS_HELP

  $HYDRA_CONFIG_GROUPS
";

const OUTPUT: &str = "
run:
  dir: outputs/${now:%Y-%m-%d}/${now:%H-%M-%S}
sweep:
  dir: multirun/${now:%Y-%m-%d}/${now:%H-%M-%S}
  subdir: ${hydra.job.num}
";

const HYDRA_LOGGING: &str = "
version: 1
formatters:
  simple:
    format: '[%(asctime)s][HYDRA] %(message)s'
handlers:
  console:
    class: logging.StreamHandler
    formatter: simple
    stream: ext://sys.stdout
root:
  level: INFO
  handlers: [console]
loggers:
  logging_example:
    level: DEBUG
disable_existing_loggers: false
";

const HYDRA_DEBUG: &str = "
version: 1
formatters:
  simple:
    format: '[%(asctime)s][%(name)s][%(levelname)s] - %(message)s'
handlers:
  file:
    class: logging.FileHandler
    mode: w
    formatter: simple
    filename: hydra-${hydra.job.name}.log
    delay: true
root:
  level: ERROR
  handlers: [file]
loggers:
  hydra:
    level: DEBUG
disable_existing_loggers: false
";

const JOB_LOGGING: &str = "
version: 1
formatters:
  simple:
    format: '[%(asctime)s][%(name)s][%(levelname)s] - %(message)s'
handlers:
  console:
    class: logging.StreamHandler
    formatter: simple
    stream: ext://sys.stdout
  file:
    class: logging.FileHandler
    formatter: simple
    filename: ${hydra.runtime.output_dir}/${hydra.job.name}.log
root:
  level: INFO
  handlers: [console, file]
disable_existing_loggers: false
";

const JOB_STDOUT: &str = "
version: 1
formatters:
  simple:
    format: '%(message)s'
handlers:
  console:
    class: logging.StreamHandler
    formatter: simple
    stream: ext://sys.stdout
root:
  level: INFO
  handlers: [console]
disable_existing_loggers: false
";

const DISABLED: &str = "
version: 1
root:
  level: ERROR
disable_existing_loggers: true
";

const NONE: &str = "
version: 1
root: null
disable_existing_loggers: false
";
