// Hosted topics of a settings file: what is filled in, and where what is wrong with them stands.

import { describe, expect, it } from "vitest";
import { checkSettings, parseSettingsText } from "../../src/config/index.js";
import { createGateway } from "../../src/index.js";
import { readTopicsSettings } from "../../src/parts/index.js";
import { createClientLink } from "../../src/xmpp/index.js";

const read = (...lines: string[]) =>
  readTopicsSettings(checkSettings(parseSettingsText("g.yaml", ["link: {mode: memory}", ...lines, ""].join("\n"))));

describe("hosted topics of the settings", () => {
  it("are none without the section, and have their defaults", () => {
    expect(read()).toBeUndefined();
    expect(read("topics: []")).toEqual([]);
    expect(read("topics:", "  - node: news", "    access: [{anyone: true}]")).toEqual([
      {
        node: "news",
        maxItems: 100,
        access: [{ anyone: true }],
        sendLastItem: false,
        deliverPayloads: true,
        notificationType: "headline",
      },
    ]);
  });

  it("are wrong in a line", () => {
    expect(() => read("topics:", "  - node: news", "  - node: news")).toThrow(
      'g.yaml:4 topics[1]: node: "news" stands there twice',
    );
    expect(() => read("topics:", "  - node: n", "    access: [{allow: 'a*@b.example'}]")).toThrow(
      /^g\.yaml:3 topics\[0\]: access\[0\]\.allow: .*stands only for the whole local part/,
    );
    expect(() => read("topics:", "  - {node: n, title: N, colour: red}")).toThrow(/g\.yaml:3 topics\[0\].*colour/);
    expect(() => read("topics: [{node: n, access: [{allow: a@b.example, methods: x}]}]")).toThrow(
      "g.yaml:2 topics[0].access[0].methods: unknown key",
    );
    expect(read("limits: {topicNameChars: 4}", "topics: [{node: four}, {node: four*}]")).toHaveLength(2);
    expect(() => read("limits: {topicNameChars: 4}", "topics: [{node: fives}]")).toThrow(
      "g.yaml:3 topics[0]: node: at most 4 characters expected, got 5",
    );
  });

  it("are not for a client of a server", () => {
    const link = "link: {mode: client, jid: a@b.example, password: {env: PW}}";
    const settings = checkSettings(parseSettingsText("g.yaml", `${link}\ntopics: []\n`));
    expect(() => readTopicsSettings(settings)).toThrow(
      "g.yaml:2 topics: only a gateway in mode standalone or component",
    );
    const client = createClientLink({ service: "xmpp://127.0.0.1:5222", jid: "a@b.example", password: "pw" });
    expect(() => createGateway({ link: client, topics: [] })).toThrow(/this one is in client mode/);
  });
});
