import { graphql } from './generated/gql.ts';

/** The books of the viewer's tenant over a span: wallet, accounts, statement and costs, with the names behind the ids. */
export const BillingQuery = graphql(`
  query Billing($report: BillingReportInput!, $statement: StatementInput!) {
    billing {
      tenantId
      wallet { balance { amount } left { amount } held { amount } lowBelow { amount } low }
      balances { account amount { amount } }
      report(input: $report) {
        totals { requests cost { amount } excess { amount } estimatedCost { amount } unpriced }
        rows { at by { dimension value } sums { requests cost { amount } excess { amount } } }
      }
      statement(input: $statement) { opening { amount } closing { amount } lines { at kind entryId reference note requests amount { amount } balance { amount } } }
    }
    keys(first: 200) { nodes { id name } }
    upstreams(first: 200) { nodes { id name } }
    members(first: 200) { nodes { id name } }
  }
`);

/** Where a number comes from. */
export const ExplainQuery = graphql(`
  query ExplainNumber($id: ID!) {
    billing {
      explain(id: $id) {
        id kind at estimated unpriced exchangeId reference note repo branch ticket sessionId tags
        charge { basis agrees total { amount } multipliers { subject multiplier } parts { kind count perMillion { amount } serviceMultiplier amount } }
        cost { amount } reserved { amount } excess { amount }
        price { id effectiveAt }
        postings { account amount { amount } }
      }
    }
  }
`);

/** Whether anything is missing in the books (operators). */
export const CompletenessQuery = graphql(`
  query Completeness {
    billingCompleteness { gap deadLetters unpriced estimated estimatedCost { amount } balance { amount } journals { nodeId name events oldestMs seenAt } }
    usageDeadLetters(first: 20) { id nodeId seq reason createdAt }
  }
`);

/** Puts money into the wallet. */
export const WalletCredit = graphql(`
  mutation WalletCredit($input: WalletCreditInput!) { walletCredit(input: $input) { entry { id } userErrors { code message fix path } } }
`);

/** Sets when to tell that the wallet is low. */
export const WalletUpdate = graphql(`
  mutation WalletUpdate($input: WalletUpdateInput!) { walletUpdate(input: $input) { wallet { low } userErrors { code message fix path } } }
`);
