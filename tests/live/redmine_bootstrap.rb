# People, roles, statuses, fields and issues of the live tests; run once by redmine.sh init.
#   rails runner redmine_bootstrap.rb KEYS.json
#
# Everything is made here and nothing taken from Redmine's own defaults, so the tests say what they rely on.
require 'json'

Setting.rest_api_enabled = '1'
Setting.login_required = '1'
Setting.default_language = 'en'
Setting.notified_events = []

statuses = [['New', false], ['In Progress', false], ['Waiting', false], ['Solved', true], ['Frozen', false]]
           .map { |name, closed| [name, IssueStatus.create!(name: name, is_closed: closed)] }.to_h
priorities = %w[Low Normal High Urgent]
             .each_with_index.map { |name, at| [name, IssuePriority.create!(name: name, is_default: name == 'Normal', position: at + 1)] }.to_h
tracker = Tracker.create!(name: 'Escalation', default_status: statuses['New'])

USUAL = %i[view_issues add_issues edit_issues edit_own_issues add_issue_notes save_queries].freeze
PRIVATE = %i[view_private_notes set_notes_private].freeze
role = lambda do |name, permissions|
  Role.create!(name: name, assignable: true, permissions: permissions, issues_visibility: 'all', users_visibility: 'all')
end
roles = {
  'engineering' => role.call('Engineering', USUAL + PRIVATE),
  'support' => role.call('Support', USUAL + PRIVATE),
  # May write notes, may not make them private: whatever they write is read by everybody.
  'loud' => role.call('Partner', USUAL),
  'customer' => role.call('Customer', %i[view_issues add_issues add_issue_notes])
}
# Everybody may move between all statuses but Frozen, which nobody reaches.
moving = statuses.values - [statuses['Frozen']]
roles.each_value do |one|
  moving.product(moving).each do |from, to|
    next if from == to
    WorkflowTransition.create!(tracker: tracker, role: one, old_status: from, new_status: to)
  end
end

project = Project.create!(name: 'Escalations', identifier: 'escalations', is_public: false, trackers: [tracker])
project.enabled_module_names = %w[issue_tracking]
other = Project.create!(name: 'Warehouse', identifier: 'warehouse', is_public: false, trackers: [tracker])
other.enabled_module_names = %w[issue_tracking]

field = lambda do |name, format, **more|
  made = IssueCustomField.create!(name: name, field_format: format, is_for_all: true, is_filter: true, visible: true, **more)
  made.trackers = [tracker]
  made
end
fields = {
  'Severity' => field.call('Severity', 'list', possible_values: %w[sev1 sev2 sev3 sev4]),
  'Product' => field.call('Product', 'string'),
  'Customer' => field.call('Customer', 'string'),
  'Tags' => field.call('Tags', 'list', multiple: true, possible_values: %w[access sync vip esc-bug esc-b2-3]),
  'esc_verdict' => field.call('esc_verdict', 'list', possible_values: %w[bug education_gap]),
  'esc_code' => field.call('esc_code', 'string')
}

people = {
  'triage-bot' => %w[Triage Desk engineering], 'noor' => %w[Noor Haddad support],
  'tomas' => %w[Tomás Villaverde engineering], 'partner' => %w[Pia Partner loud],
  'ilse' => %w[Ilse Brandt customer]
}.map do |login, (first, last, part)|
  user = User.new(firstname: first, lastname: last, mail: "#{login}@redmine.example", language: 'en')
  user.login = login
  user.password = user.password_confirmation = SecureRandom.hex(16)
  user.mail_notification = 'none'
  user.save!
  [project, other].each { |one| Member.create!(user: user, project: one, roles: [roles[part]]) }
  [login, user]
end.to_h

query = IssueQuery.new(name: 'Open escalations', project: project, visibility: Query::VISIBILITY_PUBLIC)
query.user = people['noor']
query.filters = { 'status_id' => { operator: 'o', values: [''] } }
query.save!

File.write(ARGV.last, JSON.generate(
  'keys' => people.transform_values(&:api_key),
  'project' => project.id, 'warehouse' => other.id, 'tracker' => tracker.id, 'query' => query.id,
  'statuses' => statuses.transform_values(&:id), 'fields' => fields.transform_values(&:id),
  'users' => people.transform_values(&:id), 'priorities' => priorities.transform_values(&:id)
))
