// What an operation answers: its shape as the document says, and the way from an HTTP answer to a value.

import {
  ANY_JSON,
  BYTES,
  type JsonObject,
  type JsonType,
  objectAt,
  type References,
  resultShape,
  type SchemaCompiler,
  STRING,
} from "../../json-schema/index.js";
import type { Shape } from "../../values/index.js";
import { answerProblem } from "../answer-problem.js";
import { UpstreamFailure } from "../failure.js";
import type { HttpAnswer } from "../http/exchange.js";
import { jsonOfAnswer, resultOfJson } from "../json-answer.js";
import { textOfBody } from "../text-of-body.js";
import { isJson } from "./body.js";

/** How the answers of one operation are read. */
export interface AnswerReader {
  /** Undefined: the operation answers nothing. */
  readonly returns: Shape | undefined;
  /** For the request: what can be read. */
  readonly accept: string;
  /**
   * The value of an answer; undefined for none.
   *
   * @throws UpstreamFailure or RpcFault
   */
  readonly read: (answer: HttpAnswer) => unknown;
}

/** What one status of the document answers with. */
interface Described {
  readonly media: string | undefined;
  readonly type: JsonType | undefined;
}

const NOTHING: Described = { media: undefined, type: undefined };

/** How the answers of an operation are read. */
export function readAnswers(node: JsonObject, references: References, schemas: SchemaCompiler): AnswerReader {
  const responses = objectAt(references, node, "responses") ?? {};
  const statuses = Object.keys(responses).filter((status) => /^2(\d\d|XX)$/i.test(status));
  // An operation that only says what it answers by default says so of success too.
  if (statuses.length === 0 && "default" in responses) statuses.push("default");
  const byStatus = new Map(
    statuses.map((status) => [
      status.toUpperCase(),
      describe(objectAt(references, responses, status), references, schemas),
    ]),
  );
  const described = [...byStatus.values()];
  const withContent = described.filter(({ type }) => type !== undefined);
  const [first] = withContent;
  // One method has one result: successes that differ are any value.
  const isOne = withContent.length <= 1;
  const mayBeEmpty = withContent.length < described.length || described.length === 0;
  const find = (status: number): Described =>
    byStatus.get(String(status)) ?? byStatus.get("2XX") ?? byStatus.get("DEFAULT") ?? NOTHING;
  return {
    returns: first?.type === undefined ? undefined : resultShape(isOne ? first.type : ANY_JSON, mayBeEmpty),
    accept: first?.media ?? "*/*",
    read: (answer) => {
      if (answer.status < 200 || answer.status > 299) throw answerProblem(answer);
      const { type, media } = find(answer.status);
      if (first === undefined || answer.body.length === 0 || answer.status === 204)
        return nothing(mayBeEmpty || first?.type?.isNullable === true);
      return readContent(answer, isOne ? type : ANY_JSON, media);
    },
  };
}

function describe(response: JsonObject | undefined, references: References, schemas: SchemaCompiler): Described {
  const content = objectAt(references, response, "content");
  const offered = Object.keys(content ?? {});
  const json = offered.find(isJson);
  if (json !== undefined)
    return { media: json, type: schemas.compile(objectAt(references, content, json)?.["schema"]) };
  const text = offered.find((media) => media.startsWith("text/"));
  if (text !== undefined) return { media: text, type: STRING };
  const [other] = offered;
  return other === undefined ? NOTHING : { media: other, type: BYTES };
}

function nothing(isAllowed: boolean): undefined {
  if (!isAllowed) throw new UpstreamFailure("undescribed", "its answer is empty, which the description does not say");
  return undefined;
}

function readContent(answer: HttpAnswer, type: JsonType | undefined, media: string | undefined): unknown {
  if (type === undefined) return undefined;
  if (media !== undefined && !isJson(media)) {
    if (type === BYTES) return new Uint8Array(answer.body);
    if (answer.contentType.startsWith("text/")) return textOfBody(answer);
    throw wrongContent(answer, "text");
  }
  if (!isJson(answer.contentType)) throw wrongContent(answer, "JSON");
  return resultOfJson(type, jsonOfAnswer(answer));
}

function wrongContent({ contentType }: HttpAnswer, expected: string): UpstreamFailure {
  const got = contentType === "" ? "no content type" : contentType.slice(0, 60);
  return new UpstreamFailure("wrong-content", `${expected} expected, got ${got}`);
}
