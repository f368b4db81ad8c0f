/// The operational document line by line: each command, step and rule, under its heading. The document
/// itself is no part of this repository.
enum OperationalDocument {
  /// Commands on one line each, without their comments.
  static let sections: [(heading: String, lines: [String])] = [
    (
      "Provider Down",
      [
        #"AlertManager: `ProviderDiscordDown`"#,
        #"No metrics from provider"#,
        #"Discord resources not reconciling"#,
        #"Provider pod not responding"#,
        #"kubectl get pods -n crossplane-system -l app=provider-discord"#,
        #"kubectl describe pod -n crossplane-system <provider-pod-name>"#,
        #"kubectl logs -n crossplane-system <provider-pod-name> --previous"#,
        #"kubectl logs -n crossplane-system <provider-pod-name> -f"#,
        #"kubectl top pod -n crossplane-system <provider-pod-name>"#,
        #"kubectl describe node <node-name>"#,
        #"kubectl get events --sort-by=.lastTimestamp"#,
        #"kubectl patch deployment -n crossplane-system provider-discord -p "#
          + #"'{"spec":{"template":{"spec":{"containers":[{"name":"provider","resources":{"lim"#
          + #"its":{"memory":"512Mi"}}}]}}}}'"#,
        #"kubectl get providerconfig"#,
        #"kubectl describe providerconfig <config-name>"#,
        #"kubectl get secret -n crossplane-system discord-credentials"#,
        #"kubectl describe secret -n crossplane-system discord-credentials"#,
        #"docker pull ghcr.io/rossigee/provider-discord:v0.2.0"#,
        #"kubectl set image deployment/provider-discord -n crossplane-system "#
          + #"provider=ghcr.io/rossigee/provider-discord:v0.2.0"#,
        #"kubectl delete pod -n crossplane-system <provider-pod-name>"#,
        #"Contact: Platform Team"#,
        #"Escalate to: SRE Team after 15 minutes"#,
        #"Emergency contact: On-call engineer"#,
      ]
    ),
    (
      "High Error Rate",
      [
        #"AlertManager: `ProviderDiscordHighErrorRate`"#,
        #"Discord API returning errors"#,
        #"Resources failing to reconcile"#,
        #"Increased retry attempts"#,
        #"sum(rate(provider_discord_api_operations_total{status!="success"}[5m])) by "#
          + #"(status, resource_type)"#,
        #"kubectl logs -n crossplane-system deployment/provider-discord | grep -i error | "#
          + #"tail -20"#,
        #"curl -H "Authorization: Bot $DISCORD_BOT_TOKEN" https://discord.com/api/v10/users/@me"#,
        #"kubectl get guilds,channels,roles -A -o wide"#,
        #"kubectl get secret -n crossplane-system discord-credentials -o yaml"#,
        #"curl -H "Authorization: Bot $DISCORD_BOT_TOKEN" https://discord.com/api/v10/users/@me"#,
        #"kubectl create secret generic discord-credentials "#
          + #"--from-literal=token=$NEW_BOT_TOKEN --dry-run=client -o yaml | kubectl apply -f "#
          + #"-"#,
        #"sum(rate(provider_discord_api_operations_total[1m])) * 60"#,
        #"kubectl rollout restart deployment/provider-discord -n crossplane-system"#,
        #"Check bot permissions in Discord"#,
        #"Navigate to Discord Developer Portal"#,
        #"Verify bot has required permissions: Manage Channels, Manage Roles, View Channels"#,
        #"kubectl exec -n crossplane-system deployment/provider-discord -- curl -s "#
          + #"https://discord.com/api/v10"#,
        #"kubectl get networkpolicy -n crossplane-system"#,
        #"High error rate > 20%: Immediate escalation to Platform Team"#,
        #"Authentication failures: Contact Security Team"#,
        #"Sustained errors > 30 minutes: Escalate to on-call"#,
      ]
    ),
    (
      "API Health Check Failing",
      [
        #"AlertManager: `ProviderDiscordAPIUnhealthy`"#,
        #"Health endpoint returning 503"#,
        #"Discord API connectivity issues"#,
        #"kubectl port-forward -n crossplane-system deployment/provider-discord 8080:8080"#,
        #"curl http://localhost:8080/healthz"#,
        #"curl http://localhost:8080/readyz"#,
        #"kubectl exec -n crossplane-system deployment/provider-discord -- curl -v "#
          + #"https://discord.com/api/v10"#,
        #"kubectl get networkpolicy -n crossplane-system"#,
        #"kubectl describe pod -n crossplane-system deployment/provider-discord"#,
        #"kubectl exec -n crossplane-system deployment/provider-discord -- nslookup discord.com"#,
        #"kubectl get pods -n kube-system -l k8s-app=kube-dns"#,
        #"kubectl delete networkpolicy -n crossplane-system provider-discord-netpol"#,
        #"curl http://localhost:8080/healthz"#,
        #"Restore network policy with correct rules"#,
        #"kubectl exec -n crossplane-system deployment/provider-discord -- openssl "#
          + #"s_client -connect discord.com:443 -verify_return_error"#,
        #"DNS/Network issues: Platform Team"#,
        #"Certificate issues: Security Team"#,
        #"Persistent failures > 10 minutes: On-call engineer"#,
      ]
    ),
    (
      "High Latency",
      [
        #"AlertManager: `ProviderDiscordHighLatency`"#,
        #"Slow API responses"#,
        #"Timeouts in logs"#,
        #"Poor user experience"#,
        #"histogram_quantile(0.95, rate(provider_discord_api_duration_seconds_bucket[5m]))"#,
        #"histogram_quantile(0.95, "#
          + #"rate(provider_discord_api_duration_seconds_bucket[5m])) by (operation)"#,
        #"kubectl top pod -n crossplane-system"#,
        #"kubectl describe node"#,
        #"kubectl exec -n crossplane-system deployment/provider-discord -- time curl -s "#
          + #"https://discord.com/api/v10"#,
        #"kubectl patch deployment -n crossplane-system provider-discord -p "#
          + #"'{"spec":{"template":{"spec":{"containers":[{"name":"provider","resources":{"lim"#
          + #"its":{"cpu":"500m"}}}]}}}}'"#,
        #"curl -w "@curl-format.txt" -s https://discord.com/api/v10"#,
        #"Consider regional Discord API endpoints if available"#,
        #"kubectl patch deployment -n crossplane-system provider-discord -p "#
          + #"'{"spec":{"template":{"spec":{"containers":[{"name":"provider","resources":{"lim"#
          + #"its":{"memory":"512Mi"}}}]}}}}'"#,
        #"Latency > 10 seconds: Immediate escalation"#,
        #"Performance degradation > 1 hour: Platform Team"#,
      ]
    ),
    (
      "Circuit Breaker Open",
      [
        #"AlertManager: `ProviderDiscordCircuitBreakerOpen`"#,
        #"Resources not reconciling"#,
        #"Repeated failures triggering circuit breaker"#,
        #"provider_discord_circuit_breaker_state{state="open"}"#,
        #"kubectl logs -n crossplane-system deployment/provider-discord | grep -i "#
          + #""circuit.*open""#,
        #"sum(rate(provider_discord_api_operations_total{status!="success"}[5m])) by "#
          + #"(resource_type, status)"#,
        #"Check if underlying issue (auth, network, Discord API) is resolved"#,
        #"Verify Discord service status"#,
        #"Check provider logs for error patterns"#,
        #"kubectl rollout restart deployment/provider-discord -n crossplane-system"#,
        #"watch kubectl logs -n crossplane-system deployment/provider-discord --tail=10"#,
        #"Multiple circuit breakers open: Platform Team"#,
        #"Circuit breaker not recovering: SRE Team"#,
      ]
    ),
    (
      "Reconciliation Stuck",
      [
        #"AlertManager: `ProviderDiscordReconciliationStuck`"#,
        #"Resources in pending state"#,
        #"No reconciliation activity"#,
        #"kubectl get guilds,channels,roles -A -o wide"#,
        #"kubectl describe guild <stuck-resource>"#,
        #"kubectl logs -n crossplane-system deployment/provider-discord | grep -i reconcile"#,
        #"kubectl get events --sort-by=.lastTimestamp -A | grep -i discord"#,
        #"kubectl annotate guild <resource-name> reconcile.crossplane.io/trigger="$(date)""#,
        #"kubectl get providerconfig"#,
        #"kubectl describe providerconfig <config-name>"#,
        #"kubectl rollout restart deployment/provider-discord -n crossplane-system"#,
        #"Stuck resources > 30 minutes: Platform Team"#,
        #"Critical resources stuck: Immediate escalation"#,
      ]
    ),
    (
      "High Memory Usage",
      [
        #"AlertManager: `ProviderDiscordMemoryUsageHigh`"#,
        #"Pod OOMKilled events"#,
        #"Slow performance"#,
        #"kubectl top pod -n crossplane-system"#,
        #"process_resident_memory_bytes{job="provider-discord"}"#,
        #"kubectl describe deployment -n crossplane-system provider-discord"#,
        #"kubectl logs -n crossplane-system deployment/provider-discord | grep -i memory"#,
        #"kubectl patch deployment -n crossplane-system provider-discord -p "#
          + #"'{"spec":{"template":{"spec":{"containers":[{"name":"provider","resources":{"lim"#
          + #"its":{"memory":"1Gi"}}}]}}}}'"#,
        #"kubectl rollout restart deployment/provider-discord -n crossplane-system"#,
        #"provider_discord_resources_total"#,
        #"Memory usage > 1GB: Platform Team"#,
        #"Repeated OOMKilled: Development Team for memory leak investigation"#,
      ]
    ),
    (
      "Rate Limit Approaching",
      [
        #"AlertManager: `ProviderDiscordRateLimitApproaching`"#,
        #"429 responses from Discord API"#,
        #"Increased latency"#,
        #"sum(rate(provider_discord_api_operations_total[1m])) * 60"#,
        #"Discord global rate limit is typically 50 requests per second"#,
        #"Check specific endpoint limits in Discord documentation"#,
        #"sum(rate(provider_discord_api_operations_total[5m])) by (resource_type, operation)"#,
        #"kubectl logs -n crossplane-system deployment/provider-discord | grep -i "rate.*limit""#,
        #"Consider increasing reconciliation intervals for non-critical resources"#,
        #"kubectl get guilds,channels,roles -A --no-headers | wc -l"#,
        #"Rate limits being hit consistently: Development Team"#,
        #"Service degradation due to rate limits: Platform Team"#,
      ]
    ),
    (
      "Security Incident Response",
      [
        #"Unauthorized Discord changes"#,
        #"Suspicious authentication attempts"#,
        #"Security alerts from monitoring"#,
        #"kubectl logs -n crossplane-system deployment/provider-discord | grep -i security"#,
        #"kubectl get secret -n crossplane-system discord-credentials"#,
        #"kubectl get events --sort-by=.lastTimestamp -A | grep -i discord"#,
        #"Generate new bot token in Discord Developer Portal"#,
        #"kubectl create secret generic discord-credentials "#
          + #"--from-literal=token=$NEW_BOT_TOKEN --dry-run=client -o yaml | kubectl apply -f "#
          + #"-"#,
        #"kubectl get rolebinding,clusterrolebinding -A -o wide | grep discord"#,
        #"Increase monitoring sensitivity temporarily"#,
        #"Review all Discord changes in the last 24 hours"#,
        #"Suspected credential compromise: Immediate Security Team escalation"#,
        #"Unauthorized resource changes: Platform Team + Security Team"#,
        #"Active attack: Emergency response team"#,
      ]
    ),
    (
      "Disaster Recovery",
      [
        #"kubectl get guilds,channels,roles -A -o yaml > discord-resources-backup.yaml"#,
        #"kubectl get providerconfig -o yaml > provider-config-backup.yaml"#,
        #"kubectl get secret discord-credentials -n crossplane-system -o yaml > "#
          + #"discord-secrets-backup.yaml"#,
        #"Export Discord server state using Discord API"#,
        #"helm install provider-discord ./chart/provider-discord"#,
        #"kubectl apply -f provider-config-backup.yaml"#,
        #"kubectl apply -f discord-secrets-backup.yaml"#,
        #"kubectl apply -f discord-resources-backup.yaml"#,
        #"kubectl get guilds,channels,roles -A -w"#,
        #"kubectl get guilds,channels,roles -A"#,
        #"Verify Discord server state matches expectations"#,
        #"Provider restoration: 15 minutes"#,
        #"Resource reconciliation: 30 minutes"#,
        #"Full service restoration: 45 minutes"#,
        #"Configuration backup: 24 hours"#,
        #"Resource state: 1 hour (via monitoring)"#,
      ]
    ),
  ]
}
