create table stock_booking (
  id uuid primary key,
  order_id varchar(100) not null,
  kind varchar(10) not null,
  item varchar(100) not null,
  quantity integer not null,
  booked_at timestamp with time zone default current_timestamp not null
);

create index stock_booking_order_id on stock_booking (order_id);

create table delivery (
  id uuid primary key,
  order_id varchar(100) not null,
  item varchar(100) not null,
  quantity integer not null,
  booked_at timestamp with time zone default current_timestamp not null
);

create index delivery_order_id on delivery (order_id);

create table order_confirmation (
  id uuid primary key,
  order_id varchar(100) not null,
  delivery_id uuid not null,
  broker varchar(10) not null,
  confirmed_at timestamp with time zone default current_timestamp not null
);

create index order_confirmation_order_id on order_confirmation (order_id);

create table gateway_refund (
  id uuid primary key,
  idempotency_key varchar(255) not null,
  charge_id uuid not null,
  order_id varchar(100) not null,
  refunded_at timestamp with time zone not null
);

create index gateway_refund_order_id on gateway_refund (order_id);
