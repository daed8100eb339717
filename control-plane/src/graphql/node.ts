import { findById } from '../domain/find.ts';
import { builder } from './builder.ts';
import { NodeInterface } from './shapes.ts';

builder.queryFields((t) => ({
  node: t.field({
    type: NodeInterface, nullable: true, description: 'Whatever has this id; null when it is not there for the viewer.', args: { id: t.arg.id({ required: true, description: 'Its id.' }) },
    resolve: (_, { id }, { domain, actor }) => findById(domain, actor, id),
  }),
  nodes: t.field({
    type: [NodeInterface], nullable: { list: false, items: true }, description: 'Whatever has these ids, at most 100, in the same order.', args: { ids: t.arg.idList({ required: true, description: 'The ids.' }) },
    resolve: (_, { ids }, { domain, actor }) => Promise.all(ids.slice(0, 100).map((id) => findById(domain, actor, id))),
  }),
}));
