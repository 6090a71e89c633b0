--- Metrics: ranking (ROC-AUC, average precision), decisions (accuracy, F1, precision and recall),
-- SI-SDR and BSS Eval. All in doubles.
local bss_eval = require "moonstem.metrics.bss_eval"
local ranking = require "moonstem.metrics.ranking"
local classes = require "moonstem.metrics.classes"
local separation = require "moonstem.metrics.separation"
local thresholds = require "moonstem.metrics.thresholds"

return {
  roc_auc = ranking.roc_auc,
  average_precision = ranking.average_precision,
  accuracy = classes.accuracy,
  f1 = thresholds.f1,
  pr_curve = thresholds.pr_curve,
  si_sdr = separation.si_sdr,
  si_sdr_improvement = separation.si_sdr_improvement,
  summary = separation.summary,
  bss_eval = bss_eval.bss_eval,
  bss_summary = bss_eval.bss_summary,
}
