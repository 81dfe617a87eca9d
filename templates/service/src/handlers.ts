import type { Container } from "inversify";
import { Orders, OrderStore } from "./orders.js";

/** What the gateway loads: the services, and what they are injected with. */
export default {
  services: [Orders],
  bind(container: Container): void {
    container.bind(OrderStore).toSelf().inSingletonScope();
  },
};
