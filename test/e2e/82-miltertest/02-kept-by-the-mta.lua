-- A message that a rule refuses for good is kept by the MTA, as the config wants it.
local function must(holds, what)
  if not holds then error(what) end
end

local conn = mt.connect(socket)
must(mt.negotiate(conn, 6, nil, nil) == nil, "negotiate")
must(mt.conninfo(conn, "client.example", "192.0.2.7") == nil, "conninfo")
mt.macro(conn, SMFIC_MAIL, "{auth_authen}", "anna", "i", "q8ABC02")
must(mt.mailfrom(conn, "<anna@example.com>") == nil, "MAIL")
must(mt.rcptto(conn, "<to@example.net>") == nil, "RCPT")
must(mt.getreply(conn) == SMFIR_CONTINUE, "RCPT passes")
must(mt.header(conn, "Subject", "large") == nil, "Subject")
must(mt.eoh(conn) == nil, "end of header")
must(mt.bodyrandom(conn, 8192) == nil, "body")
must(mt.eom(conn) == nil, "end of message")
must(mt.eom_check(conn, MT_QUARANTINE), "it is quarantined")
must(mt.getreply(conn) == SMFIR_ACCEPT, "and taken")
mt.disconnect(conn)
