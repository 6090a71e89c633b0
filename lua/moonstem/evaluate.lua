--- Predictions and scores of trained models: slices of clips, segments of songs, whole songs.
local blocks = require "moonstem.evaluate.blocks"
local merge = require("moonstem.options").merge
local separation = require "moonstem.evaluate.separation"
local tagging = require "moonstem.evaluate.tagging"

return merge(tagging, separation, {
  evenly_spaced = require "moonstem.data.items".evenly_spaced,
  average = require "moonstem.evaluate.probabilities".average,
  reader = require "moonstem.evaluate.reader".reader, -- whole recordings, piece by piece
  blocks = blocks.blocks, separate = blocks.separate,
  separate_file = require "moonstem.evaluate.stems".separate_file,
  save_predictions = require "moonstem.evaluate.tables".save_predictions,
  listen = require "moonstem.evaluate.listen".listen,
  ideal_mask = require "moonstem.evaluate.ideal_mask".ideal_mask,
  songs = require "moonstem.evaluate.songs".songs,
  embed = require "moonstem.evaluate.embed".embed,
})
