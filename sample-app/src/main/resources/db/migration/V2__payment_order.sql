create table payment_order (
  id uuid primary key,
  order_id varchar(100) not null,
  customer_id varchar(100) not null,
  amount numeric(14, 2) not null,
  currency varchar(3) not null,
  status varchar(20) not null,
  accepted_at timestamp with time zone not null,
  payment_id uuid,
  refusal varchar(1000)
);

create index payment_order_status on payment_order (status, accepted_at);
