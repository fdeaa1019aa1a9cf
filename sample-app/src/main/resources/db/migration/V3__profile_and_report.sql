-- No unique constraint but the primary keys: if something happened twice, it is to be seen.

create table profile (
  user_id varchar(100) primary key,
  display_name varchar(100) not null,
  email varchar(254) not null,
  revision integer not null,
  changed_at timestamp with time zone not null
);

create table crm_update (
  id uuid primary key,
  idempotency_key varchar(255) not null,
  user_id varchar(100) not null,
  display_name varchar(100) not null,
  email varchar(254) not null,
  revision integer not null,
  requests integer not null,
  applied_at timestamp with time zone not null
);

create index crm_update_user_id on crm_update (user_id);
create index crm_update_idempotency_key on crm_update (idempotency_key);

create table archived_report (
  id uuid primary key,
  type varchar(20) not null,
  report_date date not null,
  entries bigint not null,
  created_at timestamp with time zone not null
);

create index archived_report_report_date on archived_report (report_date);
