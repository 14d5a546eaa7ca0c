import type { Wording } from './wording.js';

/** What is said of the message, of rules, of our own relay and of the way. */
export const OTHER_WORDINGS: readonly Wording[] = [
  {
    class: 'content',
    weight: 'certain',
    pattern:
      /(?:message|mail|e-?mail|data|attachment|content|body|header|file|entity)s?(?: length| size|'s size)?[^.;]{0,60}(?:too (?:large|big)|exceed\w* .{0,60}(?:size|limit|length|maximum|bytes|allowed)|larger than|over ?size|bigger than|is over the)|(?:size|length) (?:limit|of the message|exceed|restriction)|exceed\w* (?:the )?(?:maximum |max\.? |fixed |allowed |permitted |configured )*(?:message |mail |attachment )?size|too (?:large|big)\b|maximum (?:message |mail )?size|nachricht.{0,30}zu gro(?:ß|ss)|message.{0,20}trop (?:gros|volumineux)|mensaje.{0,30}demasiado grande|サイズ.{0,12}(?:超|大き|制限)|邮件.{0,10}(?:太大|过大|大小)/,
    example: '552 5.3.4 The message is too large',
  },
  {
    class: 'expired',
    weight: 'certain',
    pattern:
      /(?:in (?:the |our |my )?queue|queued|undelivered|undeliverable|tr(?:ied|ying)|retr(?:ied|ying)|not be(?:en)? delivered|unable to deliver|delivery (?:attempts?|retries)|deferred|waiting)\b.{0,60}(?:too long|(?:for|after|within|in) (?:more than |over |the last |about )?\d+(?:\.\d+)? ?(?:days?|hours?|hrs?|minutes?|weeks?|dias?|jours?|tage?)|too many times)|retry time(?:out)? (?:exceeded|not reached for any host after)|retry timeout|(?:message|envelope|mail|delivery|queue)(?: time| lifetime| life| retry)? ?(?:has |is |was |time )?(?:expired|timed out|exceeded)|delivery time expired|(?:maximum|max) (?:number of )?(?:retr|deliver|queue|attempt|time)|failed \d+ attempts|aborted after \d|(?:giving|gave) up(?! on)|not going to try again|too old|all (?:attempts|hosts).{0,60}(?:failed for a long time|have been failing)|failing for a long time|final delivery attempt|(?:re-?)?tried .{0,40}without success|配送期限|期限切れ|zeitüberschreitung|delai.{0,20}expir|délai.{0,20}(?:expir|dépass)|tiempo.{0,30}(?:agotad|expirad)|超时|超時/,
    example: 'The message has been in the queue too long',
  },
  {
    class: 'content',
    weight: 'certain',
    pattern:
      /virus|malware|infected|trojan|phish|eicar|\bworm\b|dangerous (?:attachment|content)|malicious|(?:banned|forbidden|prohibited|blocked|unallowed|illegal|disallowed|unacceptable|executable) (?:attachment|file|content|extension|url)|(?:attachment|file type|file extension|\.exe)s?.{0,40}(?:not allowed|not accepted|blocked|rejected|prohibited|banned|removed)/,
    example: '554 5.7.0 The attachment has a virus',
  },
  {
    class: 'content',
    weight: 'certain',
    pattern:
      /\bspam|\bspammy|\buce\b|\bube\b|unsolicited|\bbulk (?:e-?)?mail|junk ?-?mail|\bjunk\b|content (?:reject|filter|restrict|denied|not accept|policy|scan|block|violat|check)|(?:message|mail|e-?mail) (?:content|body)|rejected (?:due to|for|because of) (?:its )?content|(?:your|the|this) (?:message|e-?mail|mail) (?:looks|appears|was (?:considered|classified|identified|detected|scored)|scored|has been (?:classified|identified|detected))|classified as|suspicious|high score|spamassassin|bayes|fingerprint|contains? (?:a )?(?:url|link|uri|word)|url.{0,30}(?:list|block|reject)|迷惑メール|スパム|垃圾邮件|垃圾郵件|спам/,
    example: '550 High probability of spam',
  },
  {
    class: 'content',
    weight: 'certain',
    pattern:
      /(?:headers?|from field|date field|message-id|mime|line|bare (?:lf|cr|newline)|8-?bit|null characters?|nul characters?|rfc ?\d{3,4}|(?:subject|from|to|date) header|syntax|from: )\b.{0,60}(?:malformed|missing|invalid|illegal|not (?:allowed|compliant|conform|rfc|supported|permitted|accepted)|duplicate|violat|improper|syntactically|too long|required|reject|multiple|incorrect)|(?:malformed|missing|invalid|illegal|multiple|duplicate|improper|non-?compliant|bad) (?:\S+ ){0,2}(?:headers?|mime|message-id|from: |date:)|not rfc ?\d{3,4}|header error|message (?:is )?(?:not|non-?)compliant|conversion|encoding not supported|smtputf8|8bitmime|internationali[sz]ed/,
    example: '550 5.6.0 The From header is malformed',
  },
  {
    class: 'policy',
    weight: 'certain',
    pattern:
      /recipient'?s? preferences?\b|\brcp-p2\b|authrequired|resolver\.rst\b|notauthenticated|senderrestrict|moderation|restricted (?:group|recipient|address)/,
    example: '550 5.7.1 RESOLVER.RST.AuthRequired; authentication required',
  },
  {
    class: 'infrastructure',
    weight: 'certain',
    pattern:
      /too many hops|hop count|duplicated message-id|mail(?:er)? ?loop|(?:mail|routing|delivery|forwarding|message) loop|loops? back|loops to myself|looping|would loop|local configuration error|(?:system|local) config(?:uration)? error|mail for \S+ loops|infinite loop|relay loop|is this us|tls (?:is )?(?:required|not available)|must issue a starttls|authentication (?:is )?required|requires? (?:smtp )?authenti|(?:smtp )?auth(?:entication)? (?:failed|required)|not (?:log|logged) ?in|please authenticate|5\.5\.1 authentication/,
    example: '554 5.4.6 Too many hops, this is a mail loop',
  },
  {
    class: 'network',
    weight: 'certain',
    pattern:
      /gr[ae]y-?list|gr[ae]y ?listed|postgrey|temporarily rejected.{0,40}(?:first|new)|try again in \d+ (?:sec|min)/,
    example: '450 4.7.1 Greylisted, come back later',
  },
  {
    class: 'network',
    weight: 'certain',
    pattern: /not accept (?:\w+ )?(?:requests? to connect|connections?\b(?! from))|socket error/,
    example: 'The other server did not accept our connection',
  },
  {
    class: 'policy',
    weight: 'certain',
    pattern:
      /relay(?:ing)? (?:is |access |to |of |for |through )?\S{0,40} ?(?:denied|not (?:allowed|permitted|authori)|prohibited|refused|disallowed|rejected)|(?:unable|not allowed|not permitted|cannot|refus\w*|will not|do(?:es)? not) (?:to )?relay|relaying|rcpthosts|no relay|not (?:a )?(?:relay|gateway)|isn'?t in my list of allowed|can'?t relay/,
    example: '550 5.7.1 Relaying denied',
  },
  {
    class: 'policy',
    weight: 'certain',
    pattern:
      /(?:not|isn'?t|aren'?t|un) ?-?(?:authori[sz]ed|permitted|allowed|a member|subscribed|approved)|permission|only (?:accepts?|members|subscribers|authenticated|internal|available|allow)|members[- ]only|moderat|restrict(?:ed|ion)|administrat(?:ive|ively|or) (?:prohibit|denied|lock|reject|block)|prohibited|closed (?:list|group)|rejected by (?:the )?(?:recipient|user|owner|administrator|policy|rule|filter)|refused by (?:the )?(?:recipient|user|administrator)|recipient.{0,40}(?:block|does not want|filter)|(?:local |security |site |server |mail |organi[sz]ation\S* |delivery |custom )?polic(?:y|ies)|access (?:was |is )?denied|(?:mail|transport) ?flow rule|transport rule|mail rejected by|delivery not authori|not deliver(?:ed)? because of|requires? sender confirm|per user rejection|ポリシー|拒否|拒绝|拒絕|richtlinie|verweigert|zugriff|refusé|rechazad|rifiutat|geweigerd|отклонен|отклонён/,
    example: '550 5.7.1 You are not authorized to write to this group',
  },
  {
    class: 'policy',
    weight: 'likely',
    pattern:
      /(?:recipient|address|message|mail)\b.{0,40}(?:reject|refus|declin|not accept)|(?:reject|refus|declin)\w* (?:the )?(?:recipient|address|message|mail)/,
    example: '550 Recipient address rejected',
  },
  {
    class: 'network',
    weight: 'likely',
    pattern:
      /time(?:d)? ?-?out|connection (?:was )?(?:refused|reset|lost|dropped|closed|failed|attempt|aborted|terminated|error|broken|interrupted)|(?:un|not )reachable|no route|network (?:error|unreachable|is|failure)|lost connection|tempor|try(?:ing)? (?:it )?(?:again )?later|again later|retry later|not found, try again|deferred|(?:server|system|host|service|resources?|machine|mta) (?:is |are )?(?:too |currently |temporarily )?(?:busy|down|overloaded|unavailable|not available|not responding|un-?available)|too busy|load (?:too high|average)|service (?:not|un) ?available|(?:un(?:able|successful)|could ?(?:not|n't)|cannot|can't|failed) (?:to |be )?(?:connect|establish|contact|open|resolve|look)|(?:dns|name) (?:server|lookup|service|resolution|query)|host (?:name )?lookup|servfail|no answer|not respond|bad connection|deadlock|insufficient (?:system )?(?:storage|resources|disk)|disk (?:full|space)|out of memory|internal (?:server )?error|local (?:problem|error)|system error|i\/o error|broken pipe|tls|ssl|handshake|certificate|remote (?:host|server) (?:closed|did)|connect(?:ing)? to|接続|タイムアウト|verbindung.{0,40}(?:abgelehnt|fehlgeschlagen|nicht|unterbrochen)|connexion.{0,40}(?:refus|impossible|échou|interromp)|conexi[oó]n.{0,40}(?:rechaz|fall|agotad)|соединени.{0,40}(?:не |отказ|прерв)|连接.{0,10}(?:失败|超时|拒绝)/,
    example: '451 4.4.1 Connection timed out',
  },
];
