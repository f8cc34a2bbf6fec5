-- Owns what approvers ask about a request and what is answered. Only adds: the build before this one goes on beside it.

-- The words; the trail has their hashes. A question is answered at most once.
create table questions (
  request_id text not null references requests (id),
  number integer not null check (number between 1 and 10),
  asked_by text not null,
  asked_at timestamptz(3) not null,
  text text not null check (char_length(text) between 1 and 500),
  answered_by text,
  answered_at timestamptz(3),
  answer text check (char_length(answer) between 1 and 500),
  primary key (request_id, number),
  check ((answer is null) = (answered_at is null) and (answer is null) = (answered_by is null))
);

-- What was asked before for the same subject on the same resource, newest first.
create index requests_of_subject_on_resource on requests (subject, resource, ord desc);
