// The verification string of XEP-0115 §5.
import { describe, expect, it } from "vitest";
import { capsVersion, NS } from "../../src/xeps/index.js";

describe("capsVersion", () => {
  it("gives the vector of XEP-0115 §5.2", () => {
    const info = {
      identities: [{ category: "client", type: "pc", name: "Exodus 0.9.1" }],
      features: [NS.discoItems, "http://jabber.org/protocol/muc", NS.caps, NS.discoInfo],
    };
    expect(capsVersion(info)).toBe("QgayPKawpkPSDYmwT/WM94uAlu0=");
  });

  it("sorts by octets, not by UTF-16 units", () => {
    const [astral, bmp] = ["urn:x:\u{1f600}", "urn:x:\uffee"];
    const one = capsVersion({ identities: [], features: [astral, bmp] });
    expect(capsVersion({ identities: [], features: [bmp, astral] })).toBe(one);
    // In UTF-16 order the astral character would come first.
    expect(astral < bmp).toBe(true);
    expect(one).toBe("9OMJ3/AgXyzfVOi2SJdG3HiizUc=");
  });
});
