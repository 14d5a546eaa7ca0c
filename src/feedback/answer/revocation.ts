import { REPLY_SUBJECT } from '../bounce/phrases.js';

/**
 * The words of a Remove mail, in the languages of the unsubscribe rule. Each is a
 * whole request, not a word somewhere: "Remove" revokes, "How to remove a stain"
 * does not.
 */
const REQUESTS: readonly RegExp[] = [
  // English
  /(?:please |pls |kindly )?(?:remove|unsubscribe|un-subscribe|unsuscribe|opt[- ]?out|delete|take me off|stop(?:[ -]?(?:e-?mail(?:ing|s)?|mail(?:ing|s)?|sending(?: me)?(?: e-?mails?| mails?| this)?|spam(?:ming)?|all|newsletter))?|cancel (?:my )?subscription|signoff|sign off)(?: (?:me|us|my (?:e-?mail ?)?(?:address|name)?|this (?:e-?mail )?address|my e-?mail))?(?: (?:from|of|off))?(?: (?:the|your|this|all|any)(?: (?:future|further))?)?(?: (?:e-?mail|mail|mailing|newsletter|distribution|marketing))?(?: ?(?:-?lists?|newsletters?|e-?mails?|mails?|mailings?|database|communications?|list please))?(?: request)?(?:,? ?(?:please|pls|thanks?|thank you|now|immediately))*/,
  /unsubscribe request|removal request|request (?:to|for) (?:unsubscribe|remov(?:e|al))|(?:i want to|i would like to|i wish to) (?:unsubscribe|be removed|opt out)(?: from (?:this|your) (?:list|newsletter|mailing list))?|do not (?:e-?mail|mail|contact|send) me(?: (?:again|any ?more|anything))*|no more (?:e-?mails?|mails?)(?: please)?/,
  // Spanish
  /(?:por favor )?(?:baja|dar(?:me)? de baja|d[eé]nme de baja|darse de baja|eliminar(?:me)?|elimin[ae]|remover|cancelar(?: (?:la |mi )?suscripci[oó]n)?|borrar(?:me)?|quitar(?:me)?|desuscribir(?:me)?|anular(?: suscripci[oó]n)?)(?: (?:de|del|de la|de esta|de su)(?: lista(?: de correo)?| bolet[ií]n)?)?(?: por favor)?/,
  // French
  /(?:merci de (?:me )?|veuillez (?:me )?|svp )?(?:d[eé]sabonner|d[eé]sabonnement|se d[eé]sabonner|d[eé]sinscrire|d[eé]sinscription|d[eé]sinscrivez[- ]moi|supprimer|retirer|retirez[- ]moi|stop|enlever|r[eé]silier)(?: (?:de|de la|de votre|de cette)(?: liste(?: de diffusion)?| newsletter)?)?(?: svp| merci)?/,
  // German
  /(?:bitte )?(?:abmelden|abmeldung|abbestellen|abbestellung|austragen|löschen|loeschen|entfernen|k[uü]ndigen|k[uü]ndigung|austragung|widerruf|abbestelle|newsletter (?:abbestellen|abmelden|abbestellung|abmeldung)|keine (?:weiteren )?(?:e-?mails|mails|newsletter|werbung)(?: mehr)?|abmeldung (?:vom )?newsletter)(?: (?:sie )?mich)?(?: (?:aus|von|vom)(?: (?:dem|der|ihrem|ihrer))?(?: (?:verteiler|liste|newsletter|mailingliste))?)?(?: bitte| danke)*/,
  // Portuguese
  /(?:por favor )?(?:remover|remova|descadastrar|descadastre|cancelar(?: (?:a |minha )?(?:inscri[cç][aã]o|assinatura|subscri[cç][aã]o))?|excluir|sair|retirar|anular(?: subscri[cç][aã]o)?|desinscrever)(?: (?:da|de|desta|sua|me)(?: lista| newsletter)?)?(?: por favor)?/,
  // Italian
  /(?:per favore |prego )?(?:rimuovi(?:mi)?|rimuovere|rimozione|cancella(?:mi)?|cancellare|cancellami|cancellazione|cancellatemi|disiscriv(?:i|imi|ere|iti|ersi)|disiscrizione|annulla(?: iscrizione| l'iscrizione)?|annullare|disdetta|elimina(?:mi|re)?)(?: (?:da|dalla|dalla vostra)(?: lista| newsletter| mailing list)?)?(?: grazie| per favore)?/,
  // Dutch
  /(?:gelieve |a\.?u\.?b\.? )?(?:afmelden|uitschrijven|afmelding|uitschrijving|verwijder(?:en|ing)?|opzeggen|schrijf mij uit|meld mij af|stoppen)(?: (?:mij|me))?(?: (?:van|uit|voor)(?: (?:de|deze|uw))?(?: (?:lijst|nieuwsbrief|mailinglijst))?)?(?: aub| alstublieft| graag)?/,
  // Polish
  /(?:proszę (?:o )?)?(?:wypisz|wypisać|wypisanie|usuń|usunąć|usunięcie|rezygnuję|rezygnacja|anuluj(?: subskrypcję)?|wypis|zrezygnuj|wyrejestruj|anulowanie subskrypcji)(?: (?:mnie|z))?(?: (?:z )?(?:listy|newslettera|subskrypcji))?(?: proszę)?/,
  // Turkish
  /(?:lütfen )?(?:abonelikten (?:çık(?:ar|mak|ma)?|ayrıl(?:mak)?)|listeden (?:çık(?:ar|mak)?|sil)|aboneliği iptal(?: et)?|abonelik iptali?|çıkar|çıkart|kaldır|iptal|ret|sil|ayrıl)(?: lütfen)?/,
  // Russian
  /(?:пожалуйста,? )?(?:отписаться|отписка|отпишите|отписать|отпишите меня|удалить|удалите|удалите меня|отказ(?:аться)?|отменить подписку|отмена подписки|исключите меня|стоп)(?: (?:меня|от|из|рассылки|от рассылки|из рассылки|из списка))*(?:,? пожалуйста)?/,
  // Japanese
  /(?:配信|購読|メール配信|メルマガ|登録|メール|メーリングリスト)?(?:の)?(?:停止|解除|解約|削除|中止|退会|不要)(?:希望|依頼|申請|してください|をお願いします|お願いします|手続き)?/,
  /(?:配信|購読|登録|メール)(?:を)?(?:停止|解除|中止|削除|止め)(?:て|して|希望)?.{0,8}/,
  // Chinese
  /(?:请|請)?(?:退订|退訂|取消订阅|取消訂閱|取消订閱|取消(?:邮件)?|移除|删除|刪除|不再接收|拒收|停止发送|退出)(?:我|邮件|郵件|订阅|列表)?/,
  // Arabic
  /(?:من فضلك |الرجاء )?(?:إلغاء الاشتراك|الغاء الاشتراك|إلغاء|الغاء|إزالة|ازالة|احذفني|حذف|أزلني|إيقاف|توقف)(?: من القائمة)?/,
];
const REQUEST = new RegExp(`^(?:${REQUESTS.map(({ source }) => source).join('|')})[\\s.!。！,:;…-]*$`, 'iu');
/** A token that a mailto link of List-Unsubscribe put after the word. */
const WITH_TOKEN =
  /^(?:unsubscribe|remove|opt-?out|list-unsubscribe)[\s:=_#<[(-]{1,3}[\w.+/=@:;,~|{}<>()[\]-]{4,300}$/i;
const QUOTES = /^[\s"'„“”«»‚‘’*_[\](){}<>《》「」-]+|[\s"'„“”«»‚‘’*_[\](){}<>《》「」]+$/g;

/** Whether a subject, or the first line of a body, is a request to get no more. */
export function isRevocationRequest(text: string): boolean {
  const bare = stripped(text);
  if (bare === '' || bare.length > 320) return false;
  return REQUEST.test(bare.replace(QUOTES, '').replace(/\s+/g, ' ')) || WITH_TOKEN.test(bare);
}

/** A reply to our mail whose author wrote nothing but the word. */
export function firstLine(words: string): string {
  for (const line of words.slice(0, 2_000).split('\n')) {
    if (line.trim() !== '' && !line.startsWith('>')) return line.trim();
  }
  return '';
}

function stripped(text: string): string {
  let rest = text.trim();
  for (let round = 0; round < 5 && REPLY_SUBJECT.test(rest); round += 1) rest = rest.replace(REPLY_SUBJECT, '').trim();
  return rest;
}
