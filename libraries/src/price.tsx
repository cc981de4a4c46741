/** The last price that came, and in `className` whether it is of now. */
import { type ReactNode, useCallback, useState } from 'react';
import { useJetSocket, useMessages } from './react.js';

export function Price({ url }: { readonly url: string }): ReactNode {
  const [socket, state] = useJetSocket(url);
  const [price, setPrice] = useState<number>();
  const show = useCallback((message: unknown) => {
    setPrice((message as { price: number }).price);
  }, []);
  useMessages(socket, show);
  return <p className={state}>{price ?? '…'}</p>;
}
