#!/usr/bin/perl
# Reads tickets as JSON (see request_tracker_seed.py) and writes them as the people in them, then dates them back.
use strict;
use warnings;
use utf8;
use RT;
use JSON ();

RT::LoadConfig();
RT::Init();
my $system  = RT->SystemUser;
my $tickets = JSON->new->utf8->decode( do { local $/; <STDIN> } );

sub done {
    my ( $ok, $message ) = @_;
    die 'seed: ' . ( $message // 'it did not say why' ) . "\n" unless $ok;
    return $ok;
}

my %known;

sub person {
    my $name = shift;
    return $known{$name} if $known{$name};
    my $user = RT::User->new($system);
    $user->Load($name);
    $user->LoadByEmail($name) unless $user->id;
    if ( !$user->id ) {
        my ($words) = $name =~ /^([^@]+)/;
        $words = join ' ', map { ucfirst } split /\./, $words;
        done( $user->Create( Name => $name, RealName => $words, EmailAddress => $name, Privileged => 0 ) );
    }
    my $current = RT::CurrentUser->new( $user->id );
    return $known{$name} = $current;
}

sub message {
    my ( $subject, $text ) = @_;
    return HTML::Mason::Commands::MakeMIMEEntity( Interface => 'REST', Subject => $subject, Body => $text, Type => 'text/plain' );
}
require RT::Interface::Web;

my ( %act, @ids );
$act{note}  = sub { my ( $t, $e ) = @_; $t->Comment( MIMEObj => message( '', $e->{text} ) ) };
$act{reply} = sub { my ( $t, $e ) = @_; $t->Correspond( MIMEObj => message( '', $e->{text} ) ) };
$act{owner} = sub { my ( $t, $e ) = @_; $t->SetOwner( $e->{to}, 'Force' ) };
$act{status} = sub { my ( $t, $e ) = @_; $t->SetStatus( $e->{to} ) };
$act{queue} = sub { my ( $t, $e ) = @_; $t->SetQueue( $e->{to} ) };
$act{field} = sub {
    my ( $t, $e ) = @_;
    $t->AddCustomFieldValue( Field => $e->{name}, Value => $e->{to} );
};

sub newest {
    my $id = shift;
    my ($row) = $RT::Handle->dbh->selectrow_array(
        q{SELECT MAX(id) FROM Transactions WHERE ObjectType = 'RT::Ticket' AND ObjectId = ?}, undef, $id );
    return $row;
}

sub date_back {
    my ( $id, $after, $at ) = @_;
    my $dbh = $RT::Handle->dbh;
    $dbh->do( q{UPDATE Transactions SET Created = ? WHERE ObjectType = 'RT::Ticket' AND ObjectId = ? AND id > ?},
        undef, $at, $id, $after );
    $dbh->do( q{UPDATE Tickets SET LastUpdated = ? WHERE id = ?}, undef, $at, $id );
}

for my $seed (@$tickets) {
    my $ticket = RT::Ticket->new( person( $seed->{requester} ) );
    my ( $id, undef, $message ) = $ticket->Create(
        Queue     => 'Support',
        Subject   => $seed->{subject},
        Requestor => $seed->{requester},
        MIMEObj   => message( $seed->{subject}, $seed->{text} ),
    );
    done( $id, $message );
    my $own = RT::Ticket->new($system);
    $own->Load($id);
    for my $name ( sort keys %{ $seed->{fields} } ) {
        my $values = $seed->{fields}{$name};
        done( $own->AddCustomFieldValue( Field => $name, Value => $_, RecordTransaction => 0 ) )
            for ref $values ? @$values : ($values);
    }
    date_back( $id, 0, $seed->{at} );
    $RT::Handle->dbh->do( q{UPDATE Tickets SET Created = ? WHERE id = ?}, undef, $seed->{at}, $id );
    for my $event ( @{ $seed->{events} } ) {
        my $before = newest($id);
        my $as = RT::Ticket->new( $event->{who} eq 'system' ? $system : person( $event->{who} ) );
        $as->Load($id);
        done( $act{ $event->{what} }->( $as, $event ) );
        date_back( $id, $before, $event->{at} );
    }
    push @ids, $id;
}
print JSON->new->encode( \@ids ), "\n";
