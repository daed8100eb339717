// Gives the adapters of servers what lies aside for a statement; everything else passes as it is.
import type { SqlDriverAdapter, SqlDriverAdapterFactory, SqlQuery, Transaction } from '@prisma/driver-adapter-utils';
import { takeAside } from './aside.ts';

/** The same adapters, which find parameters that were laid aside. */
export function withAside(factory: SqlDriverAdapterFactory): SqlDriverAdapterFactory {
  return { provider: factory.provider, adapterName: factory.adapterName, connect: async () => adapterWithAside(await factory.connect()) };
}

function adapterWithAside(adapter: SqlDriverAdapter): SqlDriverAdapter {
  const getConnectionInfo = adapter.getConnectionInfo?.bind(adapter);
  return {
    provider: adapter.provider, adapterName: adapter.adapterName,
    queryRaw: (query) => adapter.queryRaw(query),
    executeRaw: (query) => adapter.executeRaw(found(query)),
    executeScript: (script) => adapter.executeScript(script),
    startTransaction: async (isolation) => transactionWithAside(await adapter.startTransaction(isolation)),
    dispose: () => adapter.dispose(),
    ...(getConnectionInfo && { getConnectionInfo }),
  };
}

function transactionWithAside(transaction: Transaction): Transaction {
  const createSavepoint = transaction.createSavepoint?.bind(transaction);
  const rollbackToSavepoint = transaction.rollbackToSavepoint?.bind(transaction);
  const releaseSavepoint = transaction.releaseSavepoint?.bind(transaction);
  return {
    provider: transaction.provider, adapterName: transaction.adapterName, options: transaction.options,
    queryRaw: (query) => transaction.queryRaw(query),
    executeRaw: (query) => transaction.executeRaw(found(query)),
    commit: () => transaction.commit(),
    rollback: () => transaction.rollback(),
    ...(createSavepoint && { createSavepoint }), ...(rollbackToSavepoint && { rollbackToSavepoint }), ...(releaseSavepoint && { releaseSavepoint }),
  };
}

function found(query: SqlQuery): SqlQuery {
  const value = takeAside(query);
  return value === undefined ? query : { ...query, args: [value] };
}
