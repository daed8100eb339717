import { graphql } from './generated/gql.ts';

/** Who is signed in, and where. */
export const ViewerQuery = graphql(`
  query Viewer {
    viewer { operator role scopes member { id name email } tenant { id name } }
    install { version publicUrl nodeUrl graphqlUrl practice loopback }
  }
`);

/** Uses up a one-time link. */
export const SignInRedeem = graphql(`
  mutation SignInRedeem($input: SignInRedeemInput!) {
    signInRedeem(input: $input) { viewer { role } userErrors { code message fix path } }
  }
`);

/** Ends this sign-in. */
export const SignOut = graphql(`
  mutation SignOut { signOut { userErrors { code message fix path } } }
`);
