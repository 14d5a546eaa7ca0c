import t from 'tap';
import { startCluster } from '../support/redis.js';
import { contractSuite } from './contract-suite.js';
import { modelSuite } from './model-suite.js';
import { redisOpener } from './redis-opener.js';

const { nodes } = await startCluster(t, 3);
const open = redisOpener({ cluster: nodes.map(({ port }) => ({ host: '127.0.0.1', port })) });
contractSuite('Redis Cluster', open);
modelSuite('Redis Cluster', open);
