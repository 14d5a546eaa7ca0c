import type { Wording } from './wording.js';

/**
 * What is said of the sending side. It comes first, whatever the code: a listing
 * of our address comes as 5.1.1 from some, and must suppress nobody.
 */
export const SENDER_WORDINGS: readonly Wording[] = [
  {
    class: 'reputation',
    weight: 'certain',
    pattern:
      /spamhaus|spamcop|\bsorbs\b|barracudacentral|uceprotect|abuseat|invaluement|\bpsbl\b|senderbase|senderscore|sender ?score|backscatterer|mailspike|abusix|truncate\.gbudb|spamrats|nixspam|dnswl|surriel|trend ?micro.{0,40}(?:reputation|rbl)|mail-abuse\.(?:org|com)|cloudmark\.com|csi\.cloudmark|postmaster\.live\.com\/snds|ipcheck\.proofpoint/,
    example: '550 5.1.1 Service refused; client 192.0.2.7 is at zen.spamhaus.org',
  },
  {
    class: 'reputation',
    weight: 'certain',
    pattern:
      /\b(?:dns ?(?:bl|rbl)|rbls?|rblsmtpd|block-?lists?|block lists?|black-?list(?:s|ed|ing)?|black lists?|deny-?list(?:ed)?|block-?listed|dynablock|dul list|spam source|known spammer|bad sender|sender is (?:blocked|banned))\b/,
    example: '550 5.1.1 Your server stands on our block list',
  },
  {
    class: 'reputation',
    weight: 'certain',
    pattern: /reputation|trustworth|low trust|untrusted (?:sender|host|ip)/,
    example: '554 5.7.1 Turned away: the network has a poor reputation',
  },
  {
    class: 'reputation',
    weight: 'certain',
    // Codes by which the large providers name a listing of the sending address.
    pattern:
      /\bs(?:3140|3150|775|844)\b|\b(?:sc|oj|ou|rp|dy|bl)-00[1-9]\b|\((?:hvu|rly|rtr|dyn|con|cbl|dns|snd)[: ][a-z]{1,2}\d*\)|\[(?:tss?|gl|bl|ph|pl|ss)\d{2}\]|\b(?:bl|rl|dm|rp)\d{6}\b|\b(?:ipbl|ib)\d{3,4}\b|\b[45]\.7\.(?:2[0-9]|5\d\d|60[6-9]|61\d|7\d\d)\b|\bcx(?:bl|snds|thrt|mxrt)\b|\b(?:pol|dns|con)-p\d\b|\bip=\S{7,45} .{0,200}\(bl\)/,
    example: '550 5.7.1 Mail from [192.0.2.7] was not sent; part of their network (S3150)',
  },
  {
    class: 'reputation',
    weight: 'certain',
    pattern:
      /(?:client|sending|source|connecting|originating|sender'?s?|your) (?:ip|host|server|mta|network|mail ?server|ip address|address range|subnet)s?\b.{0,80}\b(?:block|ban|reject|den(?:y|ied)|refus|not allowed|not accepted|not permitted|prohibited|listed|restricted|unauthori|spam)/,
    example: '550 5.7.1 Your IP 192.0.2.7 has been banned here',
  },
  {
    class: 'reputation',
    weight: 'certain',
    pattern:
      /\b(?:block|ban|reject|den(?:y|ied)|refus|not accept|do(?:es)? not allow)\w*\b.{0,60}\b(?:(?:from|for|of) )?(?:your|the sending|the client|this|sender'?s?) (?:ip|host|server|network|mail ?server|address range|domain|isp|site|country)\b/,
    example: '554 We do not accept mail from your network',
  },
  {
    class: 'reputation',
    weight: 'certain',
    pattern:
      /(?:^|\W)(?:\[?(?:\d{1,3}\.){3}\d{1,3}\]?|\[?[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){3,7}\]?)\]?,? .{0,30}\b(?:blocked|banned|denied|(?<!not )listed|(?<!connection )refused|rejected for|not allowed|is not authori|has been temporarily|locally blocked)\b/,
    example: '550 192.0.2.7 has been blocked',
  },
  {
    class: 'reputation',
    weight: 'certain',
    pattern:
      /\b(?:block|ban|denied|refus|reject)\w*(?: (?:mail|messages?|connections?|access|by))? from (?:\[?(?:\d{1,3}\.){3}\d{1,3}|ip\b|host\b)|client host .{0,80}(?:rejected|blocked|denied)|blocked - see|sender (?:ip|host) .{0,40}rejected|unsolicited (?:e-?)?mail (?:originating )?from your/,
    example: '554 5.7.1 Connections rejected from host of this range',
  },
  {
    class: 'reputation',
    weight: 'certain',
    pattern:
      /\b(?:ptr|rdns|reverse[- ]?(?:dns|lookup|hostname|mapping)|fcrdns|dynamic (?:ip|host|address))\b|cannot (?:find|resolve) your (?:reverse )?(?:host ?name|address)|(?:ip|client|host)(?: ?name| address)? (?:name )?look-?up failed|no (?:valid )?ptr|(?:ehlo|helo)\b.{0,40}(?:reject|invalid|fqdn|denied|refus|does not)|(?:reject|invalid|bad|need fully-qualified|unresolvable).{0,20}(?:ehlo|helo)\b|generic host ?name|resolvable hostname|residential/,
    example: '550 Cannot find your reverse hostname, [192.0.2.7]',
  },
  {
    class: 'reputation',
    weight: 'certain',
    pattern:
      /\b(?:spf|dkim|dmarc|arc seal)\b|unauthenticated (?:e-?)?mail|sender id\b.{0,40}fail|(?:e-?mail|message|sender|domain) (?:is )?(?:not|un)[- ]?authenticated|authentication (?:checks?|results?|requirements?)|sender.{0,20}(?:policy framework|spoof)|spoof(?:ed|ing)/,
    example: '550 5.7.1 Mail of this domain has to pass DMARC',
  },
  {
    class: 'reputation',
    weight: 'certain',
    pattern:
      /(?:sender|mail from:?|return-?path|envelope[- ](?:from|sender)|originator|(?:from|your)(?: e-?mail)? (?:address|domain))(?:'s)? (?:e-?mail )?(?:address|domain|mailbox)?\s?[^.;]{0,60}\b(?:does not exist|not exist|not found|is invalid|verif(?:y|ication) (?:has )?failed|could not be verified|cannot be verified|unresolvable|not resolve|rejected|denied|refused|blocked|is banned|has null mx|dns error)|sender verif|callback|call-?out|cannot verify sender|unable to verify (?:the )?sender|invalid sender|bad (?:sender|return)|domain of sender|sender domain|unknown sender|illegal sender/,
    example: '550 5.1.8 Sender address rejected: domain not found',
  },
  {
    class: 'reputation',
    weight: 'certain',
    pattern:
      /too many (?:connections?|messages?|e-?mails?|mails|recipients (?:received|from|this)|errors|invalid|bad|unknown|concurrent|spam|complaints|hits|sessions|smtp)|too (?:fast|much (?:mail|spam|traffic))|(?:rate|connection|sending|hourly|daily|message|volume|traffic|frequency)[- ](?:limit|quota|rate|control)|rate-?limit|limit .{0,30}(?:per|exceeded for) (?:hour|day|minute|sender|ip|connection)|throttl|unusual (?:rate|volume|amount|traffic)|(?:excessive|high) (?:rate|volume|number) |(?:daily|hourly|relay|sending|sender) (?:relay |sending |mail |message )?quota|user complaints?|complaint rate|unexpected volume|mail flood|sending rate|(?:daily|hourly) (?:sending|message)|exceeded .{0,40}(?:messages|e-?mails|recipients) (?:per|an?|allowed)|deferr?ed due to (?:user|unexpected|spam)|mailbox .{0,40}receiving (?:e-?mail|mail) (?:too quickly|at (?:a|too))|receiving mail (?:at a rate|too quickly)/,
    example: '421 4.7.0 Unusual rate of mail from your side',
  },
  {
    class: 'reputation',
    weight: 'certain',
    pattern:
      /(?:mail|messages?|connections?|traffic) from (?:you|your|this|that|the) .{0,60}(?:not accept|block|reject|refus|denied|not allowed|weren't sent|disallow|banned)|weren't sent\b|contact your (?:internet )?(?:isp|service provider)|use (?:the |your )?(?:smtp|mail|outgoing|relay) ?(?:server|relay|host)? (?:of|at|from) your (?:isp|(?:internet |service )*provider)|use your (?:isp|provider)'?s|unverif[iy]able (?:sending|client|source)|your (?:mail|message|domain|e-?mail) (?:was|has been|is) (?:blocked|banned|denied)|block(?:ed)? (?:for|due to|because of) (?:spam|abuse)|due to (?:spam|abuse)\b|(?:spam|abuse) (?:activity|history|detected from)|domain .{0,30}(?:blocked|banned) (?:for|due)|not accepting (?:mail|e-?mail) from (?:you|this)|refuse(?:s|d)? (?:mail|to accept mail) from/,
    example: '550 Messages from your domain are not accepted here',
  },
  {
    class: 'reputation',
    weight: 'certain',
    pattern:
      /ip .{0,20}(?:がブロック|をブロック|拒否)|ブラックリスト|送信元.{0,30}(?:拒否|ブロック|制限)|黑名单|发信人.{0,20}(?:拒绝|被拒|频率)|(?:发送|发信)频率|ip.{0,12}(?:被拒|拒绝|限制)|чёрн(?:ый|ом) спис|черн(?:ый|ом) спис|lista negra|lista nera|liste noire|schwarze liste|ihre ip|votre (?:ip|serveur)|su (?:ip|servidor)/,
    example: 'Votre IP figure sur une liste noire',
  },
];
