--- Gives each test of a table an empty folder of its own, set(path), which is removed after it.
local sys = require("moonstem").sys

return function(tests, set)
  local dir
  function tests.setup()
    dir = assert(sys.tempdir())
    set(dir)
  end
  function tests.teardown() sys.run { "rm", "-r", dir } end
end
