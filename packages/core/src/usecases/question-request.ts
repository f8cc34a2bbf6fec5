/** Asking about a request, and answering: words between the people of one request, judged like a decision. */
import type { RequestId } from '../domain/ids.ts';
import { answerQuestion, askQuestion, type Saying } from '../domain/question.ts';
import type { Refusal } from '../domain/refusal.ts';
import type { Result } from '../domain/result.ts';
import type { Attribution } from '../ports/attribution.ts';
import type { OnceKey } from '../ports/ledger.ts';
import type { Questioned, Questions } from '../ports/questions.ts';

export interface AskCommand extends Saying {
  readonly requestId: RequestId;
}

export interface AnswerCommand extends AskCommand {
  readonly number: number;
}

export interface QuestionRequest {
  /** Refusals: those of `askQuestion`, request_unknown, replayed. */
  ask(command: AskCommand, by: Attribution, once?: OnceKey): Promise<Result<Questioned, Refusal>>;
  /** Refusals: those of `answerQuestion`, request_unknown, replayed. */
  answer(command: AnswerCommand, by: Attribution, once?: OnceKey): Promise<Result<Questioned, Refusal>>;
}

/** Builds both use cases. */
export function makeQuestionRequest({ questions }: { readonly questions: Questions }): QuestionRequest {
  return {
    ask: ({ requestId, ...saying }, by, once) =>
      questions.write(requestId, (c, before, at) => askQuestion(c, before, saying, at), by, once),
    answer: ({ requestId, ...saying }, by, once) =>
      questions.write(requestId, (c, before, at) => answerQuestion(c, before, saying, at), by, once),
  };
}
