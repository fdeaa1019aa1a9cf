-- No unique constraint but the primary keys: if something happened twice, it is to be seen.

create table archived_report (
  id uuid primary key,
  type varchar(20) not null,
  report_date date not null,
  entries bigint not null,
  created_at timestamp with time zone not null
);

create index archived_report_report_date on archived_report (report_date);
