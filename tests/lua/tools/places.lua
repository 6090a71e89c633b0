--- Where the tests find the project's other folders; each ends in a slash.
local TESTS = debug.getinfo(1, "S").source:match "^@(.*/)" .. "../../"

return { TESTS = TESTS, ROOT = TESTS .. "../", GOLDEN = TESTS .. "golden/" }
