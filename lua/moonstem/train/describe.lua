--- moonstem.train.model_config under the name that scripts of version 0.1 know.
return require "moonstem.train.model_config"
