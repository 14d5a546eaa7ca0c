import type { NoticeStore } from '../contract.js';
import type { Calls } from './calls.js';
import type { Notices } from './notices.js';

export function noticeVerbs(calls: Calls, notices: Notices): NoticeStore {
  return {
    queueNotices: (queued) => calls.write('queueNotices', (now) => notices.queue(queued, now)),
    takeNotices: (query) => calls.write('takeNotices', (now) => notices.take(query, now)),
    settleNotices: (queue, told, againAfterMs) =>
      calls.write('settleNotices', (now) => notices.settle(queue, told, againAfterMs, now)),
    waitingNotices: (query) => calls.read('waitingNotices', () => notices.waiting(query)),
  };
}
