import type { Subject } from './subject.js';
import { direct } from './subjects/direct.js';
import { haproxy } from './subjects/haproxy.js';
import { haraka, harakaLimit } from './subjects/haraka.js';
import { sluiceMessageRules } from './subjects/message-rules.js';
import {
  postfixMilter,
  postfixMilterBefore,
  postfixMilterEnvelope,
  postfixNoMilter,
  postfixNoOp,
} from './subjects/milter.js';
import { postfixAsksBefore, postfixAsksSluice, postfixAsksSluiceOnce } from './subjects/policy-server.js';
import { postfixPolicyd, postfixPostfwd, postfixProxy } from './subjects/postfix.js';
import { rawProxy } from './subjects/raw-proxy.js';
import { postfixRspamd } from './subjects/rspamd.js';
import { sluiceBefore, sluiceDeferred, sluiceEmbedded, sluiceRedis } from './subjects/sluice.js';

/** In the order of the report; `direct` is what the others are compared with. */
export const SUBJECTS: readonly Subject[] = [
  direct,
  haproxy,
  rawProxy,
  postfixProxy,
  postfixPostfwd,
  postfixPolicyd,
  postfixAsksSluice,
  postfixAsksSluiceOnce,
  postfixRspamd,
  postfixNoMilter,
  postfixNoOp,
  postfixMilter,
  postfixMilterEnvelope,
  haraka,
  harakaLimit,
  sluiceRedis,
  sluiceMessageRules,
  sluiceEmbedded,
  sluiceDeferred,
  ...sluiceBefore,
  ...postfixMilterBefore,
  ...postfixAsksBefore,
];
