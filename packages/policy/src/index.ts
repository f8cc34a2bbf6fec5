/** The face of the policy package: policy files in, the core's `Policy` out; what-if and cases for people. */
export { type CaseOutcome, runCases } from './cases.ts';
export { type CompiledPolicy, type CompileOptions, compilePolicy } from './compile.ts';
export { parseCompiled, serializePolicy } from './compiled.ts';
export { makeDetailsChecker } from './details.ts';
export { referenceText } from './from-policy.ts';
export { formatIssue, type PolicyIssue, type Severity } from './issue.ts';
export { policyJsonSchema } from './json-schema.ts';
export { loadCases, loadPolicy } from './load.ts';
export { reasonLines } from './reason-text.ts';
export { type Explanation, explain, type Outcome, type Simulation, simulate } from './simulate.ts';
export type { PolicySource } from './source.ts';
