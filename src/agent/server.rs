//! What the protocol asks of a server: who it is, what it offers, and the way to each offer.

use std::borrow::Cow;
use std::sync::Arc;

use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CustomRequest, CustomResult, ErrorCode, ErrorData,
    Implementation, InitializeRequestParams, InitializeResult, ListResourceTemplatesResult,
    ListResourcesResult, ListToolsResult, PaginatedRequestParams, ProtocolVersion,
    ReadResourceRequestParams, ReadResourceResponse, ServerCapabilities, ServerConfig, Tool,
};
use rmcp::service::RequestContext;
use rmcp::{RoleServer, ServerHandler};

use super::desk::{Desk, Seat};
use super::{resources, tools};

/// One connection's server.
#[derive(Clone, Debug)]
pub(super) struct Server {
    desk: Arc<Desk>,
    tools: Arc<Vec<Tool>>,
}

/// Told to every agent once, when it connects.
const INSTRUCTIONS: &str = "\
A guarded shell on a shared GPU cluster. Every line and every system call is judged by one law; nothing that existed is ever \
erased. `check` says what would be decided about a line and changes nothing; `run` runs it in this session's bash, which keeps \
directory, variables and functions from call to call. A denial is data: the rule, the bytes of the line (span), because, and \
instead: do what `instead` says rather than the same thing in other words; the kernel refuses that too. `submit` composes an experiment \
and shows what would be queued; only dry_run=false queues it. Training belongs into jobs, not onto the login node. \
`policy` explains a rule and lists what is permitted. There is no override.";

/// Revisions of the protocol that are spoken here.
const REVISIONS: &[ProtocolVersion] = &[
    ProtocolVersion::V_2025_06_18,
    ProtocolVersion::V_2025_11_25,
    ProtocolVersion::V_2026_07_28,
];

impl Server {
    pub(super) fn new(desk: Arc<Desk>) -> Self {
        Self {
            desk,
            tools: Arc::new(tools::all()),
        }
    }

    fn seat(&self, context: &RequestContext<RoleServer>) -> Result<Arc<Seat>, ErrorData> {
        let client = context.client_info();
        let name = client.as_ref().map(|client| client.name.as_str());
        self.desk
            .seat(name)
            .ok_or_else(|| ErrorData::internal_error("the session has gone", None))
    }
}

impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        let capabilities = ServerCapabilities::builder()
            .enable_tools()
            .enable_resources()
            .build();
        let mut own = Implementation::new("hlrp-sh", env!("CARGO_PKG_VERSION"));
        own.title = Some("hlrp-sh, a guarded shell".to_owned());
        let mut info = ServerConfig::new(capabilities).with_instructions(INSTRUCTIONS);
        info.protocol_version = ProtocolVersion::LATEST_WITH_INITIALIZE;
        info.server_info = own;
        info
    }

    fn supported_protocol_versions(&self) -> Cow<'static, [ProtocolVersion]> {
        Cow::Borrowed(REVISIONS)
    }

    async fn initialize(
        &self,
        request: InitializeRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<InitializeResult, ErrorData> {
        context.peer.set_peer_info(request.clone());
        let _ = self.desk.seat(Some(&request.client_info.name));
        self.negotiate_initialize(&request)
    }

    async fn list_tools(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(self.tools.to_vec()))
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        self.tools.iter().find(|tool| tool.name == name).cloned()
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let seat = self.seat(&context)?;
        let name = request.name.to_string();
        tools::call(&seat, request, context)
            .await
            .unwrap_or_else(|| {
                let names: Vec<&str> = self.tools.iter().map(|tool| &*tool.name).collect();
                let said = format!("there is no tool `{name}`; there are {}", names.join(", "));
                Err(ErrorData::invalid_params(said, None))
            })
    }

    async fn list_resources(
        &self,
        _request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        let seat = self.seat(&context)?;
        Ok(ListResourcesResult::with_all_items(resources::all(&seat)))
    }

    async fn list_resource_templates(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        Ok(ListResourceTemplatesResult::with_all_items(
            resources::templates(),
        ))
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let seat = self.seat(&context)?;
        resources::read(&seat, request.uri, &context).await
    }

    /// Also what is a known method with parameters that do not fit comes here.
    async fn on_custom_request(
        &self,
        request: CustomRequest,
        _context: RequestContext<RoleServer>,
    ) -> Result<CustomResult, ErrorData> {
        let method = request.method;
        Err(if KNOWN.contains(&method.as_str()) {
            let said = format!("the parameters of `{method}` are not as the protocol has them");
            ErrorData::invalid_params(said, None)
        } else {
            let said = format!("there is no method `{method}`");
            ErrorData::new(ErrorCode::METHOD_NOT_FOUND, said, None)
        })
    }
}

const KNOWN: [&str; 7] = [
    "initialize",
    "server/discover",
    "tools/list",
    "tools/call",
    "resources/list",
    "resources/templates/list",
    "resources/read",
];
