--- Predictions of a run as a file: see moonstem.metrics.predictions (reports read them too, from below).
return require "moonstem.metrics.predictions"
