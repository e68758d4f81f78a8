/** Policies for the workspace that has one of everything that concerns access. */
export const SOUND = `
@id("read") permit (principal is Lockstep::Workload, action == Lockstep::Action::"read", resource)
  when { resource.boundTo.contains(principal) };
@id("agents-read") permit (principal is Lockstep::Agent, action == Lockstep::Action::"read", resource)
  when { resource.boundTo.contains(principal.workload) };
@id("lease") permit (principal, action in [Lockstep::Action::"lease", Lockstep::Action::"renew"], resource)
  when { principal in resource.owner && context.ttl <= resource.maximum };
@id("operate") permit (principal in Lockstep::Role::"on-call",
  action in [Lockstep::Action::"rotate", Lockstep::Action::"revoke", Lockstep::Action::"approve"], resource);
@id("glass") permit (principal in Lockstep::Role::"on-call", action == Lockstep::Action::"lease", resource)
  when { context.breakGlass && context.mfa };
`;
