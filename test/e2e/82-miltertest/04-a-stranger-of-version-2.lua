-- An old MTA, and a client that nobody knows.
local function must(holds, what)
  if not holds then error(what) end
end

local conn = mt.connect(socket)
must(mt.negotiate(conn, 2, 0x3f, 0x7f) == nil, "negotiate")
mt.macro(conn, SMFIC_CONNECT, "{daemon_name}", "MTA")
must(mt.conninfo(conn, "client.example", "unspec") == nil, "conninfo")
must(mt.getreply(conn) == SMFIR_CONTINUE, "a client that may connect")
must(mt.helo(conn, "client.example") == nil, "HELO")
must(mt.getreply(conn) == SMFIR_CONTINUE, "HELO passes")
must(mt.mailfrom(conn, "<a@example.com>") == nil, "MAIL")
must(mt.getreply(conn) == SMFIR_CONTINUE, "the account of everybody else")
must(mt.abort(conn) == nil, "abort")
mt.disconnect(conn)
