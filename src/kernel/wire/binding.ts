import { Router, type SocketOptions, XPublisher } from "zeromq";
import type { Channel, Connection } from "./connection";

/** A frame above this ends the client's connection. */
const largestFrame = 2 ** 30;
/** Messages that may wait for one peer; beyond, iopub slows down rather than losing any. */
const mostPublished = 256;

export interface Sockets {
  readonly shell: Router;
  readonly control: Router;
  readonly stdin: Router;
  /** A router too: REP would stand still after one malformed request. */
  readonly hb: Router;
  readonly iopub: XPublisher;
}

/** Opens the five sockets and binds them. Throws an Error that names the address. */
export async function bindSockets(connection: Connection, lingerMs: number): Promise<Sockets> {
  const { addresses, curve } = connection;
  const common = {
    linger: lingerMs,
    ipv6: true,
    maxMessageSize: largestFrame,
    ...(curve && {
      curveServer: true,
      curveSecretKey: curve.secretKey,
      curvePublicKey: curve.publicKey,
    }),
  };
  const routing: SocketOptions<Router> = { ...common, handover: true };
  const sockets = {
    shell: new Router(routing),
    control: new Router(routing),
    stdin: new Router(routing),
    hb: new Router(routing),
    iopub: new XPublisher({ ...common, sendHighWaterMark: mostPublished }),
  };
  // Each subscription is welcomed, also the second to the same topic.
  sockets.iopub.verbosity = "allSubs";
  sockets.iopub.noDrop = true;
  for (const [channel, socket] of Object.entries(sockets)) {
    const address = addresses[channel as Channel];
    try {
      await socket.bind(address);
    } catch (error) {
      throw new Error(`${channel} cannot listen at ${address}: ${(error as Error).message}`);
    }
  }
  return sockets;
}
