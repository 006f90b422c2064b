// The SDK begins every command on Node 20 with eight lines about January 2027; the README says which Node is needed.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
