const PRODUCTS =
  /spam ?arrest|boxbe|choicemail|\btmda\b|active spam killer|mailblocks|bluebottle|digiportal|spamlion|vanquish|0spam|userfriendly.{0,20}challenge|earthlink.{0,30}(?:spamblocker|suspect|allowed)|mailinblack|mail in black|sendio|uol antispam|antispam.?uol|knowspam|spamcap|qconfirm|orangemail verification|zerospam challenge|x-?challenge/i;
const SUBJECT =
  /(?:please |kindly )?(?:confirm|verify|authenticate|validate) (?:your|that you|you|this|yourself)?\s?.{0,40}(?:message|e-?mail|mail|address|sender|human|identity|delivery)|(?:sender|e-?mail|human|message|one-?time) (?:verification|confirmation|authentication)|confirmation (?:required|request(?:ed)?|needed)|verification (?:required|requested|needed)|requires (?:verification|confirmation|your confirmation|authentication)|challenge[:/ -]|action required.{0,40}deliver|awaiting (?:your )?(?:confirmation|authorization)|bestätigung erforderlich|demande de confirmation|vérification|confirmación requerida|verify#|\[?confirm#/i;
const WORDS =
  /(?:to (?:prove|confirm|verify|show|ensure|make sure) (?:that )?(?:you(?: are|'re)|your (?:message|e-?mail|mail)|the sender|it (?:is|was)).{0,80}(?:human|person|legitimate|not (?:a |an )?(?:spam|robot|machine|automated)|genuine|not spam|real|deliver))|(?:message|e-?mail|mail) (?:is|has been|was|will be) (?:being )?(?:held|quarantined|waiting|placed on hold|pending).{0,120}(?:until|confirm|verif|approv|authenticat)|(?:click|reply|respond|follow|visit|go to).{0,160}(?:to (?:have|get|release|allow|complete|confirm|verify|authenticate).{0,60}(?:deliver|message|mail)|(?:your|this) (?:message|mail|e-?mail) (?:will|can|to) be (?:delivered|released))|(?:not (?:yet )?(?:on|in) (?:my|our|the|his|her|their) (?:\w+ ){0,3}(?:white-?list|allow(?:ed)? list|approved list|address book|contact list|list of (?:approved|allowed|accepted)))|one-time (?:confirmation|verification)|only (?:need|have) to (?:do|confirm|verify) (?:this )?once|(?:confirm|verify|prove) (?:that )?you(?: are|'re) (?:a )?(?:human|person|not a)|challenge[- /]response|protect(?:ed|s|ing)? (?:myself |my (?:mailbox|inbox) )?(?:by|from|against).{0,40}(?:junk|spam)?.{0,60}(?:confirm|verify|approve)|unknown sender.{0,80}(?:confirm|verif)/i;

/** Whether somebody's filter asks the sender to prove to be a person. */
export function asksForProof(subject: string, words: string): boolean {
  const first = words.slice(0, 6_000).toLowerCase().replace(/\s+/g, ' ');
  const product = PRODUCTS.test(first) || PRODUCTS.test(subject);
  const asks = WORDS.test(first);
  return (product && (asks || SUBJECT.test(subject))) || (asks && SUBJECT.test(subject)) || strongly(first);
}

/** Words that nothing else has. */
function strongly(first: string): boolean {
  return /(?:confirm|verify|prove) (?:that )?you(?: are|'re) (?:an? )?(?:\w+ ){0,2}(?:human|person|not a (?:robot|machine|spammer))|(?:message|e-?mail|mail) (?:is|has been) (?:being )?held.{0,120}(?:confirm|verify|authenticate)|challenge[-/ ]response/.test(
    first,
  );
}
