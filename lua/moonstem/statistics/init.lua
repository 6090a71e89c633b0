--- Statistics of repeated runs: means and errors, t-tests, corrections for many tests, bootstrap
-- intervals.
local bootstrap = require "moonstem.statistics.bootstrap"
local corrections = require "moonstem.statistics.corrections"
local distributions = require "moonstem.statistics.distributions"
local resamples = require "moonstem.statistics.resamples"
local sample = require "moonstem.statistics.sample"
local tests = require "moonstem.statistics.tests"

return {
  summary = sample.summary,
  quantile = sample.quantile,
  incomplete_beta = distributions.incomplete_beta,
  t_cdf = distributions.t_cdf,
  t_quantile = distributions.t_quantile,
  normal_cdf = distributions.normal_cdf,
  normal_quantile = distributions.normal_quantile,
  welch_t_test = tests.welch_t_test,
  pooled_t_test = tests.pooled_t_test,
  paired_t_test = tests.paired_t_test,
  bonferroni = corrections.bonferroni,
  holm = corrections.holm,
  resamples = resamples.new,
  bootstrap = bootstrap.bootstrap,
  bootstrap_difference = bootstrap.bootstrap_difference,
  bootstrap_ranking = bootstrap.bootstrap_ranking,
}
