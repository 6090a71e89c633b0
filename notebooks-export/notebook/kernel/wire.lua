--- Messages of Jupyter (protocol 5.3): headers, replies, what all front ends are told.
local io_ = require "moonstem.core.io"
local sys = require "moonstem.core.sys"

local M = { VERSION = "5.3" }

local Wire = {}
Wire.__index = Wire

-- 32 hexadecimal digits that nobody else has.
local function unique()
  local file <close> = assert(io.open("/dev/urandom", "rb"))
  return (file:read(16):gsub(".", function(c) return ("%02x"):format(c:byte()) end))
end

--- wire.new(sockets) over what moonstem.core.jupyter opened.
function M.new(sockets)
  return setmetatable({ sockets = sockets, session = unique(), sent = 0, parent = "{}" }, Wire)
end

local function date()
  local now = sys.now()
  local whole = math.floor(now)
  return ("%s.%06dZ"):format(os.date("!%Y-%m-%dT%H:%M:%S", whole), math.floor((now - whole) * 1e6))
end

function Wire:header(kind)
  self.sent = self.sent + 1
  return { msg_id = ("%s_%d"):format(self.session, self.sent), session = self.session,
    username = "moonstem", date = date(), msg_type = kind, version = M.VERSION }
end

local function send(self, channel, identities, kind, parent, content, metadata)
  return self.sockets:send(channel, identities, io_.json_encode(self:header(kind)), parent,
    io_.json_encode(metadata or {}), io_.json_encode(content))
end

--- The next request, within so many seconds: { channel =, identities =, kind =, parent = its header
-- as JSON, content = }; nil where none came or it is none. answer: what answers a question of ours.
function Wire:receive(seconds, answer)
  local channel, identities, header, _, _, content = self.sockets:receive(seconds, answer)
  if not channel then return nil, identities end
  local about, what = io_.json_decode(header), io_.json_decode(content)
  if type(about) ~= "table" or type(about.msg_type) ~= "string" or type(what) ~= "table" then
    return nil
  end
  return { channel = channel, identities = identities, kind = about.msg_type, parent = header,
    content = what }
end

--- Answers a request.
function Wire:reply(request, kind, content)
  return send(self, request.channel, request.identities, kind, request.parent, content)
end

--- Tells all front ends, on behalf of the request that is worked on.
function Wire:publish(kind, content, metadata)
  return send(self, "iopub", { kind }, kind, self.parent, content, metadata)
end

--- Asks the front end that made a request for a line of text.
function Wire:ask(request, content)
  return send(self, "stdin", request.identities, "input_request", request.parent, content)
end

--- From now on what is printed and published belongs to this request.
function Wire:serve(request)
  self.parent = request and request.parent or "{}"
  return self.sockets:streams(io_.json_encode(self:header "stream"), self.parent)
end

return M
