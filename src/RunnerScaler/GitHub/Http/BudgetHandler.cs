using System.Net;

namespace RunnerScaler.GitHub.Http;

/// <summary>Sends a request only if the budget allows it, and learns from every answer.</summary>
internal sealed class BudgetHandler(RequestBudget budget, RequestPacer pacer) : DelegatingHandler
{
    /// <exception cref="FaultException">A limit forbids it, before or after it was sent.</exception>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancel)
    {
        var ask = Ask.Of(request);
        budget.Admit(ask);
        await pacer.EnterAsync(ask.Write, cancel);
        try
        {
            // A pause may have begun while it waited for its turn.
            budget.Admit(ask);
            var response = await base.SendAsync(request, cancel);
            budget.Observe(response, ask);
            await ThrowIfLimitedAsync(response, ask, cancel);
            return response;
        }
        finally
        {
            pacer.Leave();
        }
    }

    private async Task ThrowIfLimitedAsync(HttpResponseMessage response, Ask ask, CancellationToken cancel)
    {
        if (response.StatusCode is not (HttpStatusCode.Forbidden or HttpStatusCode.TooManyRequests))
        {
            if (response.IsSuccessStatusCode || response.StatusCode == HttpStatusCode.NotModified)
                budget.Passed();
            return;
        }
        await response.Content.LoadIntoBufferAsync(cancel);
        if (budget.Refused(response, await response.Content.ReadAsStringAsync(cancel), ask) is not { } fault)
            return;
        response.Dispose();
        throw fault;
    }
}
