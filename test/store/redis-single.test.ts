import t from 'tap';
import { startRedis } from '../support/redis.js';
import { contractSuite } from './contract-suite.js';
import { modelSuite } from './model-suite.js';
import { redisOpener } from './redis-opener.js';

const redis = await startRedis(t);
const open = redisOpener({ host: '127.0.0.1', port: redis.port });
contractSuite('single Redis', open);
modelSuite('single Redis', open);
