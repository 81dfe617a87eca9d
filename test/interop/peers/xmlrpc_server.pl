# A server made with Perl's RPC::XML. Prints its port.
use strict;
use warnings;
use utf8;
use RPC::XML;
use RPC::XML::Server;
$RPC::XML::ENCODING = 'UTF-8';
$RPC::XML::ALLOW_NIL = 1;
my $server = RPC::XML::Server->new(host => '127.0.0.1', port => 0);
die $server unless ref $server;
$server->add_method({
    name => 'echo',
    signature => ['int int', 'double double', 'boolean boolean', 'string string', 'array array', 'struct struct',
        'dateTime.iso8601 dateTime.iso8601', 'base64 base64', 'i8 i8', 'nil nil'],
    help => 'Gives its parameter back.',
    code => sub { my ($self, $value) = @_; return $value },
});
$server->add_method({
    name => 'add', signature => ['int int int'], help => 'Adds.',
    code => sub { my ($self, $one, $other) = @_; return RPC::XML::int->new($one + $other) },
});
$server->add_method({
    name => 'fail', signature => ['int'], code => sub { return RPC::XML::fault->new(7, "as asked \x{e9}") },
});
$| = 1;
print $server->port, "\n";
$server->server_loop;
