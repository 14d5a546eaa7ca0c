import type { Wording } from './wording.js';

const MAILBOX_NOUN =
  '(?:users?|user ?name|mail ?box(?:es)?|recipients?(?: addresse?s?)?|accounts?(?: names?)?|address(?:ee)?(?:es)?|e-?mail address(?:es)?|alias(?:es)?|members?|subscribers?|customers?|persons?|local[- ]?part|destination(?: (?:address|mailbox|user))?|inbox|login|uid|mailhost|contact|distribution list|group|mailing list|rcpt)';

function about(tail: string): RegExp {
  return new RegExp(`${MAILBOX_NOUN}\\b[^.;]{0,60}${tail}`);
}

/**
 * What is said of the recipient. Full comes before disabled and disabled before
 * unknown, since `account disabled: over quota` is a full mailbox and `user
 * unknown or disabled` a disabled one more often than not.
 */
export const RECIPIENT_WORDINGS: readonly Wording[] = [
  {
    class: 'domain-gone',
    weight: 'certain',
    pattern: /\bnull ?mx\b/,
    example: '556 5.1.10 The recipient’s domain has a null MX',
  },
  {
    class: 'full',
    weight: 'certain',
    pattern:
      /over ?-?(?:the )?(?:disk |storage |mailbox |mail |his |her |their |its |allotted |allocated |message )?-?quota|quota (?:is |has been |was |limit |violation|usage )?(?:exceed|full|reached|violation|over)|(?:exceed|reached|surpass)\w* (?:the |its |his |her |their |your )?(?:maximum |max |max\. |allowed |allotted |allocated )?(?:mail ?box |disk |storage |mail |message |local |user )*(?:quota|allocation|capacity|storage)|out of quota|(?:disk|mail ?box|user|storage|mail|inbox|mailfolder) quota|quota\b.{0,20}\berror/,
    example: '552 5.2.2 The user is over quota',
  },
  {
    class: 'full',
    weight: 'certain',
    pattern:
      /(?:mail ?box(?:es)?|in-?box|account|mail ?folder|mail ?drop|user'?s? mail|recipient|mail ?spool|@|postbox|maildir)[^.;]{0,40}\b(?:is|are|was|seems|became)?\s?(?:too |currently |almost |temporarily )?(?:full|overfull|overflow\w*|over capacity)\b|\bfull (?:mail ?box|inbox)|mailbox[_ ]?(?:full|size limit)|\bmbox full|(?:out of|insufficient|not enough|no) (?:\w+ ){0,2}(?:storage|space|room)\b.{0,60}(?:mail ?box|user|recipient|account|inbox|@)|(?:mail ?box|user|recipient|account|inbox)\b.{0,60}(?:out of|insufficient|not enough|no more|has no|no) (?:\w+ ){0,3}(?:storage|space|room)|exceed\w* (?:the )?(?:storage|mailbox) (?:allocation|limit|size)|mailbox .{0,40}(?:size|storage|limit).{0,20}exceed|(?:number of messages|message count).{0,60}(?:exceed|maximum|limit)|too many messages (?:on|in) (?:this|the|his|her) mail|mailbox size limit|storage (?:space )?(?:limit|is full)|doesn'?t have enough (?:disk )?space|mail ?box .{0,20}exceed/,
    example: '452 4.2.2 The mailbox is full',
  },
  {
    class: 'full',
    weight: 'certain',
    pattern:
      /メールボックス.{0,20}(?:いっぱい|一杯|満杯|容量|超え|超過|あふれ)|容量.{0,12}(?:超|オーバー|不足)|postfach.{0,30}(?:voll|überfüllt)|speicherplatz.{0,30}(?:voll|erschöpft|überschritten)|(?:boîte|boite).{0,40}(?:pleine|saturée)|quota.{0,20}(?:dépass|superad|excedid|überschritten)|buz[oó]n.{0,30}(?:lleno|completo)|caixa.{0,30}(?:cheia|lotada)|casella.{0,30}piena|postvak.{0,20}vol|(?:邮箱|信箱|郵箱).{0,10}(?:已满|满|已滿|空间不足|容量)|ящик.{0,30}переполн|skrzynk.{0,30}(?:pełn|przepełn)|kutusu.{0,20}(?:dolu|dolmuş)|boks.{0,10}fuld/,
    example: 'Das Postfach des Empfängers ist voll',
  },
  {
    class: 'moved',
    weight: 'certain',
    pattern:
      /(?:user|recipient|mailbox|account|address|he|she|person|@)[^.;]{0,30}\b(?:has |have )?moved\b|no longer (?:at|here|with|works?|employed|on (?:this|our) (?:server|system))|(?:has|have|is) left (?:the|our|us)|new (?:e-?mail )?address(?: of| is|:)|(?:please (?:try|use|forward to|send (?:it|mail|your mail) to)|try|use) <?@>? instead|(?:address|mailbox|account|e-?mail) (?:has|was|have|is) (?:been )?(?:changed|renamed|replaced)|changed (?:his|her|their) (?:e-?mail )?address|user not local; (?:please|will)|\b551[ -]|adresse.{0,30}geändert|a changé d'adresse|アドレス.{0,10}(?:変更|変わ)/,
    example: '551 The user has moved, please use <bob@example.net> instead',
  },
  {
    class: 'disabled',
    weight: 'certain',
    pattern: about(
      '\\b(?:disabled?|in-?active|suspended|de-?activated|discontinued|closed|locked|lapsed|frozen|terminated|cancell?ed|on hold|not active(?:ated)?|not enabled|no longer (?:active|available|in (?:use|service)|accept\\w*|valid|receiv\\w*|monitored|maintained|supported|used|on|working|collected|functional|reachable)|expired|dormant|abandoned|retired|decommissioned|deleted|removed|temporarily (?:disabled|suspended|locked)|has been (?:blocked|barred|stopped|shut)|is (?:blocked|barred|unavailable for delivery|disabled))\\b',
    ),
    example: '550 5.2.1 The account of this user has been suspended',
  },
  {
    class: 'disabled',
    weight: 'certain',
    pattern:
      /\b(?:disabled|inactive|suspended|deactivated|locked|closed|expired|discontinued|dormant|abandoned) (?:user|account|mail ?box|recipient|address|e-?mail|member)|mail ?box (?:currently )?(?:disabled|inactive|suspended|not active)|not accepting (?:any )?(?:new )?(?:mail|messages|e-?mail)\b(?! from)|(?:does not|doesn'?t|cannot|can'?t|not able to|unable to|isn'?t able to|is not|not) (?:currently )?(?:accept|receiv)\w* (?:any )?(?:incoming )?(?:e-?mails?|mails?|messages?)(?: at this time| for this| for @| now| any ?more)?(?! from)|extended inactivity|inactivity|(?:limited|restricted) account|account (?:is )?(?:disabled|limited|restricted)|account that you tried to reach is (?:disabled|inactive)|refuses to accept (?:mail|it)|mail for @ .{0,20}not accepted|mailbox is (?:not available|unavailable) for/,
    example: '554 30 This mailbox is not accepting mail',
  },
  {
    class: 'disabled',
    weight: 'certain',
    pattern:
      /(?:アカウント|メールボックス|アドレス|ユーザ).{0,30}(?:無効|停止|休止|解約|利用(?:できま|され)|使われて|凍結)|(?:konto|postfach|benutzer|empfänger).{0,40}(?:deaktiviert|gesperrt|inaktiv|geschlossen|gekündigt)|(?:compte|boîte|adresse|utilisateur).{0,40}(?:désactivé|suspendu|bloqué|fermé|inactif|résilié)|(?:cuenta|buz[oó]n|usuario).{0,40}(?:deshabilitad|desactivad|suspendid|bloquead|inactiv|cancelad)|(?:conta|caixa|usuário).{0,40}(?:desativad|desabilitad|suspens|bloquead|inativ|cancelad)|(?:account|casella|utente).{0,40}(?:disabilitat|disattivat|sospes|bloccat|inattiv|chius)|(?:account|postvak|gebruiker).{0,30}(?:uitgeschakeld|geblokkeerd|opgeheven)|(?:帐号|账号|账户|邮箱|用户|帳號).{0,20}(?:停用|禁用|冻结|锁定|关闭|停權|注销|已被停)|(?:ящик|учетн|учётн|аккаунт|пользовател).{0,40}(?:заблокирован|отключ|неактив|удал[её]н)|(?:konto|skrzynka).{0,30}(?:zablokowan|wyłączon|nieaktywn|zawieszon)|hesap.{0,30}(?:askıya|devre dışı|kapat)/,
    example: 'La boîte de ce destinataire est désactivée',
  },
  {
    class: 'unknown',
    weight: 'certain',
    pattern:
      /\b(?:un ?known|undefined|unrecogni[sz]ed|non-?exist[ae]nt|nonexisting|no such|bad|no valid|invalid|illegal|unregistered|undeliverable|unavailable|inexistent|no) (?:virtual |local |remote |final |delivery |e-?mail |mail |smtp |destination |or invalid |or illegal |intended |such |user'?s? ?)*(?:users?|user ?(?:name|id)|mail ?box(?:es)?|recipients?|accounts?|address(?:ee)?s?|alias|members?|person|destination|local[- ]?part|name|id|subscribers?|customer|object|entry|login|inbox|group|distribution list|rcpt)\b(?! (?:format of sender|sender))/,
    example: '550 5.7.1 No such user here',
  },
  {
    class: 'unknown',
    weight: 'certain',
    pattern: about(
      "\\b(?:not found|unknown|un-?recogni[sz]ed|(?:does|do|did)(?: not|n'?t) (?:currently )?(?:exist|match|have|appear|resolve)|not exists?|doesnt exist|non-?exist\\w*|is(?: not|n'?t) (?:a )?(?:known|recogni[sz]ed|valid|listed|here|found|registered|defined|hosted|one of our|local|present|in (?:the|our) (?:directory|database|system|domain)|on (?:this|our) (?:server|system|host|site))|not (?:known|recogni[sz]ed|valid|listed|registered|defined|here|local|a valid|in (?:the|our) (?:directory|database|system|domain)|on (?:file|this (?:server|system|host)|our (?:server|system))|present|available|hosted)|(?:was|were|is|are|be|has|have)(?: not|n'?t)? (?:been )?(?:unknown|not found|invalid|incorrect|rejected: unknown)|could ?(?:not|n'?t) be (?:found|resolved|located|identified)|couldn'?t be found|cannot be (?:found|resolved|located)|can'?t be found|wasn'?t found|was not found|invalid|incorrect|undeliverable|unavailable|unrouteable|typo|no such|ambiguous)\\b",
    ),
    example: '550 Recipient address rejected: this address does not exist',
  },
  {
    class: 'unknown',
    weight: 'certain',
    pattern:
      /no mail ?box (?:here )?(?:by|with|under|for|found|available)|no (?:such )?account (?:by|with|here|for|named)|no one (?:here )?by that|no user (?:here|by|found)|nobody (?:here )?(?:by|with)|(?:doesn'?t|does not|don'?t) have (?:an? )?(?:\S+ )?(?:account|mail ?box|user|e-?mail)|not (?:a )?(?:valid|listed|known) (?:recipient|user|mail ?box|in (?:public|domino|the))|not listed in|(?:un)?rout(?:e)?able address|unrouteable|undeliverable address|unroutable|cannot find (?:user|recipient|a user|this user|mailbox)|can'?t find (?:user|recipient)|unable to (?:find|locate|resolve|validate) (?:the )?(?:user|recipient|mail ?box|account|address)|not our customer|recipnotfound|recipient ?not ?found|@ (?:is )?(?:unknown|not found|not known|invalid)|^\W*@?\W*(?:user )?unknown\W*$|name (?:is )?not found in|not a (?:\w+ ){0,3}user\b|(?:user|recipient) name .{0,30}not|address not (?:found|present|recogni[sz]ed)|delivery error: dd this user|5\.4\.1.{0,20}recipient address rejected: access denied|access denied.{0,20}as\(2018062|recipient address rejected: (?:undeliverable|unverified|@?\s*$|user|address|unknown|invalid|no )|verify(?:ing)? (?:the )?recipient|recipient verif|possible typo|wasn't delivered to .{0,80}address couldn't be found|not deliver(?:able|ed) to @.{0,10}does not exist|nosuchuser|baduser|\brcp-p[13]\b|mailbox unavailable|mailbox not available|there is no .{0,20}(?:user|address|account|mailbox|one)|(?:e-?mail|mail) address .{0,40}(?:check|misspell|typ)|no recipients? (?:for|found|here)|not a (?:registered|current) (?:user|member)/,
    example: 'Unrouteable address',
  },
  {
    class: 'unknown',
    weight: 'certain',
    pattern:
      /(?:宛先|ユーザ|アドレス|受信者|メールボックス|アカウント).{0,30}(?:存在しま|見つかりま|みつかりま|不明|ありませ|誤り|間違|無い|存在しない|正しくな)|(?:ディレクトリ|アドレス帳|名簿|リスト).{0,20}(?:ありませ|見つかりま|存在しま|登録され)|(?:empfänger|benutzer|adresse|postfach|mailbox|teilnehmer|konto).{0,60}(?:unbekannt|nicht gefunden|existiert nicht|nicht bekannt|ungültig|nicht vorhanden|nicht existiert|gibt es nicht|wurde nicht|unzustellbar)|unbekannter? (?:empfänger|benutzer|adresse)|(?:destinataire|utilisateur|adresse|boîte|boite|compte|usager).{0,60}(?:inconnue?|introuvable|n'existe (?:pas|plus)|invalide|inexistant|non trouvé|incorrecte?)|(?:usuario|destinatario|buz[oó]n|direcci[oó]n|cuenta).{0,60}(?:desconocid|no existe|no se (?:ha )?encontr|no encontrad|inexistente|inv[aá]lid|no v[aá]lid|no se ha podido encontrar|incorrect)|no (?:existe|hay) (?:tal |el |la |ning[uú]n )?(?:usuario|destinatario|buz[oó]n|direcci|cuenta)|(?:usuário|usuario|destinatário|destinatario|caixa|endereço|conta).{0,60}(?:desconhecid|não existe|nao existe|inexistente|não (?:foi )?encontrad|inválid)|(?:utente|destinatario|casella|indirizzo|account|mailbox).{0,60}(?:sconosciut|inesistente|non esiste|non (?:è stat[oa] )?trovat|non valid)|(?:gebruiker|ontvanger|adres|postvak|geadresseerde).{0,60}(?:onbekend|bestaat niet|niet gevonden|ongeldig)/,
    example: 'Der Empfänger ist hier unbekannt',
  },
  {
    class: 'unknown',
    weight: 'certain',
    pattern:
      /(?:пользовател|получател|адрес|ящик|учетн|учётн|абонент).{0,60}(?:не найден|не существует|не зарегистрирован|неизвест|отсутству|недейств|неверн)|нет такого|не найден (?:пользоват|получат|адрес|ящик)|(?:несуществующ|неизвестн)\S* (?:пользоват|получат|адрес|ящик)|(?:用户|使用者|收件人|邮箱|信箱|郵箱|地址|帐号|账号|帳號|账户).{0,20}(?:不存在|未找到|找不到|无效|無效|不正确|错误|查无|未知)|(?:不存在|找不到|未知|无效)的?.{0,6}(?:用户|收件人|邮箱|地址)|查无此(?:人|用户)|(?:użytkownik|adresat|odbiorc|skrzynk|adres|konto).{0,60}(?:nieznan|nie istnieje|nie (?:został )?znalezion|nieprawidłow|nie ma)|(?:kullanıcı|alıcı|adres|kutusu|hesap).{0,60}(?:bulunamadı|bilinmiyor|mevcut değil|geçersiz|bilinmeyen)|(?:användare|mottagare|adress|bruger|modtager|mottaker|bruker).{0,40}(?:okänd|finns inte|ukendt|findes ikke|ukjent|finnes ikke)|사용자.{0,20}(?:없|존재하지)|(?:수신자|메일 ?주소|계정).{0,20}(?:없|존재하지)|(?:المستخدم|المستلم|العنوان|صندوق).{0,40}(?:غير موجود|غير معروف|غير صالح)|(?:uživatel|příjemce|adresa).{0,40}(?:nezn[aá]m|neexistuje|nenalezen)|(?:felhasználó|címzett|cím).{0,40}(?:ismeretlen|nem létezik|nem található)/,
    example: 'Такой адрес не существует',
  },
  {
    class: 'domain-gone',
    weight: 'certain',
    pattern:
      /(?:un ?known|no such|bad|invalid|non-?existent|illegal|unresolvable|unrouteable) (?:remote |mail |destination |e-?mail |recipient )*(?:hosts?(?: ?name)?|domains?(?: ?name)?|site|system address|destination system)|host(?: ?name)? (?:or domain )?(?:\S+ )?(?:unknown|not found|(?:does not|doesn'?t) exist|not known|lookup (?:did not|failed permanently))|(?:host|domain)(?: or (?:host|domain))? (?:name )?(?:\S{1,80} )?(?:not found|does(?: not|n'?t) exist|is (?:not (?:found|valid|known)|unknown|invalid)|unknown|isn'?t (?:valid|known)|not exist|is no longer|could not be found|couldn'?t be found|not valid|invalid|cannot be found|has expired|was not found)|nxdomain|type=(?:mx|a|aaaa): (?:host not found|malformed)(?!, try again)|could not find a gateway for|no (?:valid |usable )?mx\b|no mx (?:record|host|or)|has no (?:mail exchangers?|mx|a,? )|couldn'?t find (?:any host|a mail exchanger)|(?:domain|host) .{0,60}(?:accepts no|does(?: not|n'?t) accept|is not accepting) (?:e-?)?mail|no mail (?:exchanger|server)s? (?:for|found)|all relevant mx records point to non-?existent|mx records?.{0,30}(?:non-?existent|invalid|not exist)|host_?not_?found|not hosted|domain (?:is )?(?:not |un)reachable|dns[_ ]?(?:hard[_ ]?)?error.{0,40}not (?:exist|found)|no (?:dns|mail host|route|mail hub) (?:information |records? )?(?:was |were )?(?:found|for) .{0,60}(?:domain|host|destination)|domain .{0,20}(?:cannot|could not) be resolved|domäne?.{0,30}(?:unbekannt|existiert nicht|nicht gefunden)|domaine.{0,30}(?:inconnu|n'existe pas|introuvable)|dominio.{0,30}(?:no existe|desconocido|inesistente|sconosciuto)|ドメイン.{0,20}(?:存在し|見つかりま)|(?:домен|хост).{0,30}(?:не найден|не существует)|域名.{0,10}(?:不存在|错误|找不到)/,
    example: '550 5.1.2 Host unknown: no such domain',
  },
];
