using System.Net;

namespace RunnerScaler.GitHub.Http;

/// <summary>Sends a request only if the budget allows it, and learns from every answer.</summary>
internal sealed class BudgetHandler(RequestBudget budget, RequestPacer pacer) : DelegatingHandler
{
    /// <exception cref="FaultException">A limit forbids it, before or after it was sent.</exception>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancel)
    {
        var write = request.Method != HttpMethod.Get && request.Method != HttpMethod.Head;
        var conditional = request.Headers.Contains("If-None-Match");
        budget.Admit(write, conditional);
        await pacer.EnterAsync(write, cancel);
        try
        {
            // A pause may have begun while it waited for its turn.
            budget.Admit(write, conditional);
            var response = await base.SendAsync(request, cancel);
            budget.Observe(response, write);
            await ThrowIfLimitedAsync(response, cancel);
            return response;
        }
        finally
        {
            pacer.Leave();
        }
    }

    private async Task ThrowIfLimitedAsync(HttpResponseMessage response, CancellationToken cancel)
    {
        if (response.StatusCode is not (HttpStatusCode.Forbidden or HttpStatusCode.TooManyRequests))
        {
            if (response.IsSuccessStatusCode || response.StatusCode == HttpStatusCode.NotModified)
                budget.Passed();
            return;
        }
        await response.Content.LoadIntoBufferAsync(cancel);
        if (budget.Refused(response, await response.Content.ReadAsStringAsync(cancel)) is not { } fault)
            return;
        response.Dispose();
        throw fault;
    }
}
