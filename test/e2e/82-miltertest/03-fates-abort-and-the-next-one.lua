-- Recipients of different fates, an abort, and another message on the same connection.
local function must(holds, what)
  if not holds then error(what) end
end

local conn = mt.connect(socket)
must(mt.negotiate(conn, 6, nil, nil) == nil, "negotiate")
mt.macro(conn, SMFIC_CONNECT, "{daemon_name}", "MSA")
must(mt.conninfo(conn, "client.example", "2001:db8::7") == nil, "conninfo")

must(mt.mailfrom(conn, "<a@example.com>") == nil, "MAIL")
for index, expected in ipairs({ SMFIR_CONTINUE, SMFIR_CONTINUE, SMFIR_REPLYCODE }) do
  must(mt.rcptto(conn, "<to" .. index .. "@example.net>") == nil, "RCPT " .. index)
  must(mt.getreply(conn) == expected, "the fate of recipient " .. index)
end
must(mt.abort(conn) == nil, "abort")

-- Nobody is refused for what was aborted; a path that is none is.
must(mt.mailfrom(conn, "<a b@example.com>") == nil, "MAIL")
must(mt.getreply(conn) == SMFIR_REPLYCODE, "a malformed sender")

mt.macro(conn, SMFIC_MAIL, "i", "NEXT01")
must(mt.mailfrom(conn, "<>") == nil, "MAIL")
must(mt.getreply(conn) == SMFIR_CONTINUE, "bounces pass")
must(mt.rcptto(conn, "<a@example.net>") == nil, "RCPT")
must(mt.getreply(conn) == SMFIR_CONTINUE, "the next passes")
must(mt.header(conn, "Subject", "next") == nil, "Subject")
must(mt.eoh(conn) == nil, "end of header")
must(mt.eom(conn) == nil, "end of message")
must(mt.getreply(conn) == SMFIR_ACCEPT, "it is taken")
mt.disconnect(conn, false)
