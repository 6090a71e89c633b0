--- What fuzz.c calls: a function of an input's bytes, for the reader that MOONSTEM_READER names.
package.path = debug.getinfo(1, "S").source:match "^@(.*/)" .. "?.lua;" .. package.path
local one_input = require "one_input"
local readers = require "readers"
local sys = require "moonstem.core.sys"

return one_input.reader(readers[os.getenv "MOONSTEM_READER"], assert(sys.tempdir()))
