using RunnerScaler.Scaling.Pools;


namespace RunnerScaler.Control.Ports;

/// <summary>What a delivery of GitHub's webhook says.</summary>
/// <param name="Result">What becomes of it; <see cref="WebhookResult.Taken"/> if somebody is to be told.</param>
/// <param name="Repository">Where something happened; set if it is to be told.</param>
internal readonly record struct WebhookReading(WebhookResult Result, RepositoryKey? Repository = null);
