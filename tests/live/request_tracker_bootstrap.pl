#!/usr/bin/perl
# Fills a fresh Request Tracker: queues, custom fields, people in groups, rights. Prints {login: token} as JSON.
# RT_SITE_CONFIG names the configuration; request_tracker.sh sets it.
use strict;
use warnings;
use utf8;
use RT;
use JSON ();

RT::LoadConfig();
RT::Init();
my $system = RT->SystemUser;

sub done {
    my ( $ok, $message ) = @_;
    die 'bootstrap: ' . ( $message // 'it did not say why' ) . "\n" unless $ok;
    return $ok;
}

my %queue;
for my $spec (
    [ 'Support',     'Where customers write' ],
    [ 'Escalations', 'What engineering was asked to look at' ],
  )
{
    my ( $name, $description ) = @$spec;
    my $queue = RT::Queue->new($system);
    done( $queue->Create( Name => $name, Description => $description,
        CorrespondAddress => lc($name) . '@live.test', CommentAddress => lc($name) . '-note@live.test' ) );
    $queue{$name} = $queue;
}

my %field = (
    Severity     => [ 'SelectSingle', qw(sev1 sev2 sev3 sev4) ],
    Product      => ['FreeformSingle'],
    Version      => ['FreeformSingle'],
    Component    => ['FreeformSingle'],
    Customer     => ['FreeformSingle'],
    Relationship => [ 'SelectSingle', qw(customer prospect trial internal_team) ],
    Tags         => ['FreeformMultiple'],
    esc_verdict  => [ 'SelectSingle', qw(bug education_gap undetermined) ],
    esc_code     => ['FreeformSingle'],
    esc_problem  => ['FreeformSingle'],
    esc_phase    => [ 'SelectSingle', qw(preliminary factual final) ],
);
for my $name ( sort keys %field ) {
    my ( $type, @choices ) = @{ $field{$name} };
    my $custom = RT::CustomField->new($system);
    done( $custom->Create( Name => $name, Type => $type, LookupType => RT::Ticket->CustomFieldLookupType ) );
    my $order = 0;
    done( $custom->AddValue( Name => $_, SortOrder => ++$order ) ) for @choices;
    done( $custom->AddToObject($_) ) for values %queue;
}

my %person = (
    'triage-bot' => [ 'Triage Desk',      'Engineering' ],
    'noor'       => [ 'Noor Haddad',      'Support' ],
    'anneke'     => [ 'Anneke de Wit',    'Tier 2' ],
    'tomas'      => [ 'Tomás Villaverde', 'Engineering' ],
    'onlooker'   => ['Only Looking'],
);
my ( %user, %group );
for my $login ( sort keys %person ) {
    my ( $real_name, $group_name ) = @{ $person{$login} };
    my $user = RT::User->new($system);
    done( $user->Create( Name => $login, RealName => $real_name, EmailAddress => "$login\@live.test", Privileged => 1 ) );
    $user{$login} = $user;
    next unless $group_name;
    my $group = $group{$group_name} //= RT::Group->new($system);
    done( $group->CreateUserDefinedGroup( Name => $group_name ) ) unless $group->id;
    done( $group->AddMember( $user->PrincipalId ) );
}
$user{root} = RT::User->new($system);
$user{root}->Load('root');

my @staff_rights = qw(SeeQueue SeeGroup ShowTicket ShowTicketComments ShowOutgoingEmail SeeCustomField CreateTicket
    CommentOnTicket ReplyToTicket ModifyTicket ModifyCustomField OwnTicket TakeTicket StealTicket Watch);
for my $group ( values %group ) {
    done( $group->PrincipalObj->GrantRight( Right => $_, Object => $RT::System ) ) for @staff_rights;
}
done( $user{onlooker}->PrincipalObj->GrantRight( Right => $_, Object => $queue{Escalations} ) )
    for qw(SeeQueue ShowTicket SeeCustomField);

my $everyone = RT::Group->new($system);
$everyone->LoadSystemInternalGroup('Everyone');
done( $everyone->PrincipalObj->GrantRight( Right => $_, Object => $queue{Support} ) ) for qw(CreateTicket ReplyToTicket);
done( $everyone->PrincipalObj->GrantRight( Right => $_, Object => $queue{Escalations} ) ) for qw(ReplyToTicket);

my %token;
for my $login ( sort keys %user ) {
    my ( $ok, $message, $secret ) =
        RT::AuthToken->new($system)->Create( Owner => $user{$login}->id, Description => 'live tests' );
    done( $ok, $message );
    $token{$login} = $secret;
}
print JSON->new->canonical->pretty->encode( \%token );
